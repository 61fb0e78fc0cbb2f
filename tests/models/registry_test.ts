import assert from "node:assert/strict";
import { findEngine } from "../../models/engine_spec.ts";
import { REGISTRY } from "../../models/registry.ts";

/** What `deno info --json` tells of the module graph. */
interface ModuleGraph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly isDynamic?: boolean;
      readonly code?: { readonly specifier?: string };
    }[];
  }[];
}

/** Everything that importing `entry` runs. */
async function staticImports(entry: URL): Promise<Set<string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry.href] })
    .output();
  const { modules }: ModuleGraph = JSON.parse(new TextDecoder().decode(stdout));
  const seen = new Set<string>();
  const visit = (specifier: string): void => {
    if (seen.has(specifier)) return;
    seen.add(specifier);
    for (const dependency of modules.find((module) => module.specifier === specifier)?.dependencies ?? []) {
      if (!dependency.isDynamic && dependency.code?.specifier) visit(dependency.code.specifier);
    }
  };
  visit(entry.href);
  return seen;
}

Deno.test("registry: importing the engines on the main thread loads none of their runtimes", async () => {
  const imported = await staticImports(new URL("../../models/host.ts", import.meta.url));
  assert.ok([...imported].some((specifier) => specifier.endsWith("engines/vad/silero.ts")));
  const packages = [...imported].filter((specifier) => specifier.startsWith("npm:"));
  assert.deepEqual(packages.filter((specifier) => !/^npm:\/?zod@/.test(specifier)), []);
});

Deno.test("registry: every engine says its own task", () => {
  for (const [task, engines] of Object.entries(REGISTRY)) {
    for (const engine of Object.values(engines)) assert.equal(engine.task, task);
  }
});

Deno.test("registry: a name that every object has is no engine", () => {
  assert.throws(() => findEngine(REGISTRY, "vad", "constructor"), { code: "NOT_FOUND", message: /silero/ });
});
