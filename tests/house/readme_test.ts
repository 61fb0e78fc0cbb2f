/** What the README files promise is there. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { filesUnder, ROOT } from "./source.ts";

const readmes = filesUnder("").filter((path) =>
  path.endsWith("README.md") && !path.startsWith("models/starter/")
);

Deno.test("readme: there is one, and it names only what exists", () => {
  assert.ok(readmes.includes("README.md"));
  const missing = readmes.flatMap((readme) => {
    const text = readFileSync(new URL(readme, ROOT), "utf8");
    const folder = new URL(readme, ROOT);
    return [...pathsInProse(text), ...pathsInTrees(text)]
      .filter((path) => !existsSync(new URL(path, folder)) && !existsSync(new URL(path, ROOT)))
      .map((path) => `${readme}: ${path}`);
  });
  assert.deepEqual(missing, []);
});

Deno.test("readme: its links lead to files", () => {
  const broken = readmes.flatMap((readme) => {
    const text = readFileSync(new URL(readme, ROOT), "utf8");
    return [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map(([, target]) => target!)
      .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(new URL(target, new URL(readme, ROOT))))
      .map((target) => `${readme}: ${target}`);
  });
  assert.deepEqual(broken, []);
});

Deno.test("readme: its tasks are in deno.json", () => {
  const { tasks } = JSON.parse(readFileSync(new URL("deno.json", ROOT), "utf8"));
  const named = readmes.flatMap((readme) =>
    [...readFileSync(new URL(readme, ROOT), "utf8").matchAll(/deno task ([a-z][a-z:_-]*)/g)].map(([, task]) =>
      task!
    )
  );
  assert.ok(named.includes("start") && named.includes("test"));
  assert.deepEqual(named.filter((task) => !(task in tasks)), []);
});

Deno.test("readme: trees are read with their folders", () => {
  const tree =
    "```\nmain.ts     starts\nsrc/\n  audio/    wav.ts\n    pulse.ts alsa.ts  two backends\n  app.ts\nnot a path\n```";
  assert.deepEqual(pathsInTrees(tree), [
    "main.ts",
    "src/",
    "src/audio/",
    "src/audio/pulse.ts",
    "src/audio/alsa.ts",
    "src/app.ts",
  ]);
  assert.deepEqual(pathsInProse("see `pipeline/turn.ts` and `src/<name>.ts`"), ["pipeline/turn.ts"]);
});

/** Paths in running text: those that begin in one of the rooms. Placeholders (`<name>`, `*`) are left out. */
function pathsInProse(text: string): readonly string[] {
  const pattern = /(?<![\w./-])(?:pipeline|models|src|tests|\.ci)\/[\w./<>*-]*/g;
  return [...text.matchAll(pattern)]
    .map(([path]) => path.replace(/\.$/, ""))
    .filter((path) => !/[<>*]/.test(path));
}

/** Paths in the blocks that draw a tree: indentation nests, a line may begin with several names. */
function pathsInTrees(text: string): readonly string[] {
  const paths: string[] = [];
  for (const [, block] of text.matchAll(/^```(?:text)?\n([\s\S]*?)^```/gm)) {
    let folders: { indent: number; path: string }[] = [];
    for (const line of block!.split("\n")) {
      const names = /^(\s*)((?:[\w.{},-]*(?:\/|\.[a-z]+)(?:\s|$))+)/.exec(line);
      if (!names) continue;
      const indent = names[1]!.length;
      folders = folders.filter((folder) => folder.indent < indent);
      for (const name of names[2]!.trim().split(/ (?! )/)) {
        const path = (folders.at(-1)?.path ?? "") + name.trim();
        paths.push(path);
        if (path.endsWith("/")) folders.push({ indent, path });
      }
    }
  }
  return paths;
}
