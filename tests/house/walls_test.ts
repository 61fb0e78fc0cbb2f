/** Who may import what. A file obeys the first room it is in; what is not allowed there is forbidden. */
import assert from "node:assert/strict";
import ts from "typescript";
import { importsOf, placeOf, readSources, type Source, walk } from "./source.ts";

interface Room {
  /** A file, or a folder with a slash at its end. */
  readonly name: string;
  /** The project's own files and folders it may import, itself included. */
  readonly own: readonly string[];
  /** Packages and platform modules: exact names, or prefixes that end in "*". */
  readonly packages: readonly string[];
}

const from = (folder: string, ...names: string[]) => names.map((name) => `${folder}/${name}.ts`);

const ROOMS: readonly Room[] = [
  { name: "pipeline/", own: ["pipeline/"], packages: [] },
  {
    name: "models/eval/",
    own: ["models/eval/", "models/resample.ts", ...from("pipeline", "engines", "audio", "errors")],
    packages: ["zod", "node:crypto", "node:path"],
  },
  {
    name: "models/",
    own: ["models/", ...from("pipeline", "engines", "audio", "errors", "clock", "channel")],
    packages: ["*"],
  },
  { name: "src/protocol/", own: ["src/protocol/"], packages: ["zod"] },
  {
    name: "src/sessions/",
    own: [
      "src/sessions/",
      "src/protocol/",
      "src/database.ts",
      ...from("pipeline", "events", "errors", "trace", "clock", "turn", "audio"),
    ],
    packages: ["node:sqlite"],
  },
  {
    name: "src/audio/",
    own: [
      "src/audio/",
      "models/resample.ts",
      ...from("pipeline", "audio", "errors", "clock", "channel"),
    ],
    packages: ["*"],
  },
  {
    name: "src/tools/",
    own: ["src/tools/", "src/memory/", ...from("pipeline", "tools", "errors", "clock", "events", "engines")],
    packages: ["zod", "decimal.js"],
  },
  {
    name: "src/memory/",
    own: ["src/memory/", "src/database.ts", ...from("pipeline", "errors", "clock")],
    packages: ["node:sqlite"],
  },
  {
    name: "src/hooks/",
    own: ["src/hooks/", "src/protocol/", ...from("pipeline", "errors", "clock")],
    packages: ["zod", "node:crypto"],
  },
  {
    name: "src/models/",
    own: [
      "src/models/",
      "src/protocol/",
      "src/sessions/ports.ts",
      "models/",
      ...from("pipeline", "errors", "clock", "engines"),
    ],
    packages: ["zod"],
  },
  {
    name: "src/dashboard/",
    own: ["src/dashboard/", "src/protocol/generated/client.ts"],
    packages: ["preact", "preact/*", "@preact/signals", "uplot"],
  },
  {
    name: "src/server/",
    own: [
      "src/server/",
      "src/sessions/",
      "src/protocol/",
      ...from("pipeline", "errors", "clock", "audio", "channel"),
    ],
    packages: ["hono", "hono/*", "zod", "node:*"],
  },
  {
    name: "src/services/",
    own: [
      "src/services/",
      "models/resample.ts",
      "pipeline/stages/sentences.ts",
      ...from("pipeline", "engines", "audio", "errors", "clock"),
    ],
    packages: ["hono", "zod"],
  },
  {
    name: "src/cli/",
    own: [
      "src/cli/",
      "src/app.ts",
      "src/config.ts",
      "src/config_schema.ts",
      "src/settings.ts",
      "src/protocol/",
      "src/audio/",
      ...from("pipeline", "errors", "clock", "audio", "events"),
      "src/models/",
      "src/tools/",
      "src/memory/memory.ts",
      "models/",
    ],
    packages: ["*"],
  },
  {
    name: "src/config_schema.ts",
    own: ["src/protocol/", "src/hooks/settings.ts", "src/models/settings.ts"],
    packages: ["zod"],
  },
  { name: "src/settings.ts", own: ["src/config_schema.ts"], packages: ["zod"] },
  {
    name: "src/config.ts",
    own: ["src/config_schema.ts", "src/settings.ts", ...from("pipeline", "errors")],
    packages: ["zod", "smol-toml", "node:util"],
  },
  { name: "src/", own: ["src/", "pipeline/", "models/"], packages: ["*"] },
  { name: "main.ts", own: ["src/cli/", ...from("pipeline", "errors")], packages: [] },
];

/** What `pipeline/` is given as arguments instead: time, and everything outside the process. */
const PLATFORM = new Set(
  "Deno Date performance setTimeout setInterval fetch WebSocket Worker process navigator console globalThis"
    .split(" "),
);

/** What computes with models: only a worker may load it. */
const RUNTIME = /^(onnxruntime-|@huggingface\/|@echogarden\/|@bjorn3\/)/;

const sources = readSources("main.ts", "pipeline/", "models/", "src/");
const byPath = new Map(sources.map((source) => [source.path, source]));

Deno.test("walls: every file imports only what its room may", () => {
  const broken = sources.flatMap((source) => {
    const room = ROOMS.find(({ name }) => isWithin(source.path, name));
    if (!room) return [`${source.path} is in no room`];
    return importsOf(source)
      .filter(({ target, own }) => !(own ? room.own : room.packages).some((name) => isWithin(target, name)))
      .map(({ target }) => `${source.path} must not import ${target}`);
  });
  assert.deepEqual(broken, []);
});

Deno.test("walls: only the command line imports the composition", () => {
  const importers = sources
    .filter((source) => importsOf(source).some(({ target }) => target === "src/app.ts"))
    .map(({ path }) => path);
  assert.ok(importers.length > 0);
  assert.deepEqual(importers.filter((path) => !path.startsWith("src/cli/")), []);
});

Deno.test("walls: the pipeline touches the platform in clock.ts alone", () => {
  const touched = (source: Source) => {
    const places: string[] = [];
    walk(source.tree, (node) => {
      if (ts.isIdentifier(node) && PLATFORM.has(node.text) && !isMemberName(node)) {
        places.push(`${placeOf(source, node)} ${node.text}`);
      }
    });
    return places;
  };
  const pipeline = sources.filter(({ path }) => path.startsWith("pipeline/"));
  assert.deepEqual(pipeline.filter(({ path }) => path !== "pipeline/clock.ts").flatMap(touched), []);
  assert.ok(touched(byPath.get("pipeline/clock.ts")!).length > 0);
});

Deno.test("walls: no model runtime is loaded on the main thread, only in a worker", () => {
  assert.deepEqual(runtimesLoadedBy("main.ts", { engineLoads: false }), []);
  assert.notDeepEqual(runtimesLoadedBy("models/worker.ts", { engineLoads: true }), []);
});

/** Which runtimes are loaded with `entry`. `engineLoads`: also by what engines import when they are loaded. */
function runtimesLoadedBy(entry: string, { engineLoads }: { engineLoads: boolean }): readonly string[] {
  const reached = new Set([entry]);
  const runtimes: string[] = [];
  for (const path of reached) {
    const source = byPath.get(path);
    if (!source) continue;
    for (const { target, own, typeOnly, dynamic } of importsOf(source)) {
      if (typeOnly || (dynamic && path.startsWith("models/engines/") && !engineLoads)) continue;
      if (own) reached.add(target);
      else if (RUNTIME.test(target)) runtimes.push(`${path} loads ${target}`);
    }
  }
  return runtimes;
}

/** Whether `path` is `place`, or lies in it where that ends in a slash or an asterisk. */
function isWithin(path: string, place: string): boolean {
  if (place.endsWith("*")) return path.startsWith(place.slice(0, -1));
  return place.endsWith("/") ? path.startsWith(place) : path === place;
}

/** `value.fetch` and `{ fetch: … }` are nobody's global. */
function isMemberName({ parent, text }: ts.Identifier): boolean {
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.name.text === text && parent.expression.getText() !== text;
  }
  return ts.isPropertyAssignment(parent) || ts.isMethodDeclaration(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) || ts.isPropertyDeclaration(parent);
}
