/** How large things may grow, and what every one of them carries. */
import assert from "node:assert/strict";
import ts from "typescript";
import { importsOf, placeOf, readSources, type Source, walk } from "./source.ts";

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 80;
const MAX_PARAMETERS = 3;
const MAX_OWN_IMPORTS = 12;

/** They put everything together, so they know everything. */
const COMPOSITION = ["src/app.ts", "src/open_session.ts"];

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

Deno.test("types: there is no any, and no error is switched off", () => {
  assert.deepEqual(nodesOf(everything, (node) => node.kind === ts.SyntaxKind.AnyKeyword), []);
  // Only the command line speaks on the console.
  const off = everything.filter(({ path, text }) => {
    const rest = path.startsWith("src/cli/")
      ? text.replace(/deno-lint-ignore(-file)? no-console$/gm, "")
      : text;
    return /^\s*\/[/*] *(@ts-|deno-lint-ignore)/m.test(rest);
  });
  assert.deepEqual(off.map(({ path }) => path), []);
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
