/** The project's own source as the house tests look at it. */
import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";

/** The repository's root, with a slash at its end. */
export const ROOT = new URL("../../", import.meta.url);

/** Folders with code that others wrote, or that a program writes. */
const FOREIGN = ["models/starter/", "models/training/", "src/protocol/generated/", "tests/fixtures/"];

/** A source file and its syntax tree. */
export interface Source {
  /** From the root, with slashes: "pipeline/clock.ts". */
  readonly path: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
}

/** An import, export-from, `import()` or `import("…").Type` with a literal specifier. */
export interface Import {
  /** As written, or from the root for the project's own files. */
  readonly target: string;
  readonly own: boolean;
  /** Gone at run time. */
  readonly typeOnly: boolean;
  /** Loaded when the call is reached, not with the file. */
  readonly dynamic: boolean;
}

/** Every TypeScript file under the given files and folders, sorted. */
export function readSources(...places: string[]): readonly Source[] {
  return places.flatMap(filesUnder)
    .filter((path) => /\.tsx?$/.test(path) && !FOREIGN.some((folder) => path.startsWith(folder)))
    .sort()
    .map((path) => {
      const text = readFileSync(new URL(path, ROOT), "utf8");
      return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
    });
}

/** Every file and folder that is part of the project, from the root; folders end in a slash. */
export function filesUnder(place: string): readonly string[] {
  if (!place.endsWith("/") && place !== "") return [place];
  return readdirSync(new URL(place, ROOT), { withFileTypes: true })
    .filter(({ name }) => name !== "node_modules" && name !== ".git")
    .flatMap((entry) =>
      entry.isDirectory() ? filesUnder(`${place}${entry.name}/`) : [`${place}${entry.name}`]
    );
}

/** Calls `visit` with every node of the tree. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

/** Where a node is, for messages: "pipeline/clock.ts:12". */
export function placeOf(source: Source, node: ts.Node): string {
  return `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
}

/** Everything the file imports. */
export function importsOf({ path, tree }: Source): readonly Import[] {
  const found: Import[] = [];
  const add = (specifier: ts.Node | undefined, kind: Pick<Import, "typeOnly" | "dynamic">) => {
    if (!specifier || !ts.isStringLiteral(specifier)) return;
    const own = specifier.text.startsWith(".");
    const target = own
      ? new URL(specifier.text, new URL(path, ROOT)).href.slice(ROOT.href.length)
      : specifier.text;
    found.push({ target, own, ...kind });
  };
  walk(tree, (node) => {
    if (ts.isImportDeclaration(node)) {
      const typeOnly = node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
      add(node.moduleSpecifier, { typeOnly, dynamic: false });
    } else if (ts.isExportDeclaration(node)) {
      add(node.moduleSpecifier, { typeOnly: node.isTypeOnly, dynamic: false });
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      add(node.argument.literal, { typeOnly: true, dynamic: false });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node.arguments[0], { typeOnly: false, dynamic: true });
    }
  });
  return found;
}
