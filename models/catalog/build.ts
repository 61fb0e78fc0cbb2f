/** What the catalogue's files have in common: the layout of repositories that transformers.js loads. */
import type { CatalogEntry } from "../catalog.ts";
import { KNOWN_FILES } from "./known_files.ts";

type Variant = CatalogEntry["variants"][number];
type File = CatalogEntry["files"][number];
type Dtype = Variant["dtype"];

/** How a file of weights is named in each precision. */
const SUFFIX: Readonly<Record<Dtype, string>> = {
  fp32: "",
  fp16: "_fp16",
  q8: "_quantized",
  int8: "_int8",
  q4: "_q4",
  q4f16: "_q4f16",
};

/** Half precision is slow on processors, or not there at all. */
const FOR_GPU: ReadonlySet<Dtype> = new Set(["fp16", "q4f16"]);
/** Newer exports keep their weights beside the graph, in as many pieces as it takes. */
const EXTERNAL = ["_data", "_data_1"];

/** A repository in the layout of transformers.js. */
export interface Repository {
  readonly id: string;
  /** What each precision weighs, best first. */
  readonly megabytes: Readonly<Partial<Record<Dtype, number>>>;
  /** Names of the ONNX files without suffix and ending. */
  readonly graphs: readonly string[];
  /** What every variant needs beside `config.json`. */
  readonly files: readonly string[];
  /** What it may need, where the repository has it. */
  readonly optional?: readonly string[];
}

/** What of a model's entry follows from its repository. */
export function fromRepository(
  { id, megabytes, graphs, files, optional: extra = [] }: Repository,
): Pick<CatalogEntry, "source" | "files" | "variants"> {
  const dtypes = Object.entries(megabytes) as [Dtype, number][];
  return {
    source: sourceOf(id),
    files: [
      ...["config.json", ...files].map((path) => known(id, path)),
      ...extra.map((path) => optional(id, path)),
    ],
    variants: dtypes.map(([dtype, megabytes]) => ({
      dtype,
      runsOn: FOR_GPU.has(dtype) ? "gpu" : "any",
      files: graphs.flatMap((graph) => {
        const path = `onnx/${graph}${SUFFIX[dtype]}.onnx`;
        return [known(id, path), ...EXTERNAL.map((ending) => optional(id, path + ending))];
      }),
      megabytes,
    })),
  };
}

/** Where a repository is fetched from: the commit that public manifests pin, where one does. */
export function sourceOf(repository: string): NonNullable<CatalogEntry["source"]> {
  return { repository, revision: KNOWN_FILES[repository]?.revision ?? "main" };
}

/** A file with what public manifests say of it. */
export function known(repository: string, path: string): File {
  const [bytes, sha256] = KNOWN_FILES[repository]?.files[path] ?? [];
  return { path, ...(bytes !== undefined && { bytes }), ...(sha256 !== undefined && { sha256 }) };
}

function optional(repository: string, path: string): File {
  return { ...known(repository, path), optional: true };
}
