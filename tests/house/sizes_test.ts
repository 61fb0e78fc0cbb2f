/** How large things may grow, and what every one of them carries. */
import assert from "node:assert/strict";
import ts from "typescript";
import { importsOf, placeOf, readSources, type Source, walk } from "./source.ts";

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 80;
const MAX_PARAMETERS = 3;
const MAX_OWN_IMPORTS = 12;

/** They put everything together, so they know everything. */
const COMPOSITION = ["src/app.ts", "src/open_session.ts", "models/registry.ts"];

const product = readSources("main.ts", "pipeline/", "models/", "src/");
const everything = [...product, ...readSources("tests/")];

Deno.test("sizes: no file is longer than 400 lines", () => {
  const long = everything.filter(({ text }) => linesOf(text) > MAX_FILE_LINES);
  assert.deepEqual(long.map(({ path, text }) => `${path}: ${linesOf(text)} lines`), []);
});

Deno.test("sizes: no function is longer than 80 lines", () => {
  const long = nodesOf(
    everything,
    (node) => isFunction(node) && linesOf(node.getText()) > MAX_FUNCTION_LINES,
  );
  assert.deepEqual(long, []);
});

Deno.test("sizes: no function has more than three parameters", () => {
  const wide = nodesOf(product, (node) => isFunction(node) && node.parameters.length > MAX_PARAMETERS);
  assert.deepEqual(wide, []);
});

Deno.test("sizes: no file leans on more than twelve others", () => {
  const leaning = product
    .filter(({ path }) => !COMPOSITION.includes(path))
    .map((source) => ({ path: source.path, own: importsOf(source).filter(({ own }) => own).length }))
    .filter(({ own }) => own > MAX_OWN_IMPORTS);
  assert.deepEqual(leaning, []);
});

Deno.test("sizes: file names are snake case", () => {
  const odd = everything.map(({ path }) => path).filter((path) => !/^[a-z0-9_./]+$/.test(path));
  assert.deepEqual(odd, []);
});

Deno.test("types: there is no any, and no type error is switched off", () => {
  assert.deepEqual(nodesOf(everything, (node) => node.kind === ts.SyntaxKind.AnyKeyword), []);
  const off = everything.filter(({ text }) => /^\s*\/[/*] *@ts-(ignore|nocheck|expect-error)/m.test(text));
  assert.deepEqual(off.map(({ path }) => path), []);
});

Deno.test("lint: what is switched off is named, and the console only in the command line", () => {
  const ignored = everything.flatMap(({ path, text }) =>
    [...text.matchAll(/^\s*\/\/ deno-lint-ignore(?:-file)?([^\n]*)$/gm)].map(([, rules]) => ({
      path,
      rules: rules!.trim(),
    }))
  );
  const wrong = ignored.filter(({ path, rules }) =>
    rules === "" || rules.includes("no-explicit-any") ||
    (rules.includes("no-console") && !path.startsWith("src/cli/"))
  );
  assert.deepEqual(wrong, []);
});

Deno.test("comments: everything exported says what it is", () => {
  const silent = product.flatMap((source) =>
    source.tree.statements
      .filter((statement) => isExported(statement) && ts.getJSDocCommentsAndTags(statement).length === 0)
      .map((statement) => `${placeOf(source, statement)} ${statement.getText().split("\n")[0]}`)
  );
  assert.deepEqual(silent, []);
});

function linesOf(text: string): number {
  return text.trimEnd().split("\n").length;
}

function nodesOf(sources: readonly Source[], matches: (node: ts.Node) => boolean): readonly string[] {
  return sources.flatMap((source) => {
    const found: string[] = [];
    walk(source.tree, (node) => matches(node) && found.push(placeOf(source, node)));
    return found;
  });
}

function isFunction(node: ts.Node): node is ts.FunctionLikeDeclaration {
  return ts.isFunctionLike(node) && "body" in node && node.body !== undefined;
}

function isExported(node: ts.Statement): boolean {
  return ts.canHaveModifiers(node) &&
    (ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) ?? false);
}
