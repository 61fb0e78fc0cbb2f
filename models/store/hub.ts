/** A model hub as Hugging Face serves one: what a repository holds, and where each file is. */
import { z } from "zod";
import type { CallOptions } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { request } from "./request.ts";

/** Where models come from. */
export interface Hub {
  /** Without a slash at its end. */
  readonly endpoint: string;
  /** Sent to the endpoint alone, never to where it redirects. */
  readonly token?: string;
}

/** A repository at one revision: a branch, a tag or a commit. */
export interface Source {
  readonly repository: string;
  readonly revision: string;
}

/** A file as the hub tells of it: what is stored apart has a SHA-256, the rest git's own SHA-1. */
export interface HubFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256?: string;
  readonly gitSha1?: string;
}

/** The hub that `HF_ENDPOINT` and `HF_TOKEN` name. Throws `VALIDATION_ERROR` for what is no address. */
export function hubOf(environment: Readonly<Record<string, string>>): Hub {
  const endpoint = environment["HF_ENDPOINT"] || "https://huggingface.co";
  const token = environment["HF_TOKEN"];
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    const message = `HF_ENDPOINT is "${endpoint}", not an address such as https://huggingface.co.`;
    throw new ParleyError("VALIDATION_ERROR", message, { recoverable: false });
  }
  return { endpoint: endpoint.replace(/\/+$/, ""), ...(token && { token }) };
}

/** Where a file is fetched from. */
export function fileUrl({ endpoint }: Hub, { repository, revision }: Source, path: string): string {
  return `${endpoint}/${repository}/resolve/${encodeURIComponent(revision)}/${
    path.split("/").map(encodeURIComponent).join("/")
  }`;
}

/** What a request to the hub carries. */
export function hubHeaders({ token }: Hub): Record<string, string> {
  return token ? { authorization: `Bearer ${token}` } : {};
}

const treeEntry = z.object({
  type: z.string(),
  path: z.string(),
  size: z.number().int().min(0),
  oid: z.string().optional(),
  lfs: z.object({ oid: z.string(), size: z.number().int().min(0) }).optional(),
});

/** A repository of models has fewer pages than this; a hub that gives more goes round in circles. */
const MOST_PAGES = 50;

/** Every file of a repository. Rejects with `NOT_FOUND`, `PERMISSION_DENIED`, `UNAVAILABLE` or `MODEL_ERROR`. */
export async function listFiles(hub: Hub, source: Source, call: CallOptions): Promise<HubFile[]> {
  const { repository, revision } = source;
  let url: string | undefined = `${hub.endpoint}/api/models/${repository}/tree/${
    encodeURIComponent(revision)
  }?recursive=true`;
  const files: HubFile[] = [];
  for (let page = 0; url !== undefined && page < MOST_PAGES; page++) {
    const response: Response = await request(url, { ...call, headers: hubHeaders(hub), subject: repository });
    const entries = z.array(treeEntry).safeParse(await response.json().catch(() => undefined));
    if (!entries.success) {
      throw new ParleyError("MODEL_ERROR", "What answers is not a model hub; check HF_ENDPOINT.");
    }
    files.push(...entries.data.filter(({ type }) => type === "file").map(toFile));
    url = nextPage(response.headers.get("link"), hub);
  }
  return files;
}

function toFile({ path, size, oid, lfs }: z.output<typeof treeEntry>): HubFile {
  if (lfs) return { path, bytes: lfs.size, sha256: lfs.oid.toLowerCase() };
  return { path, bytes: size, ...(oid && { gitSha1: oid.toLowerCase() }) };
}

/** The link to the next page, if it leads to the same hub: the token goes with it. */
function nextPage(link: string | null, { endpoint }: Hub): string | undefined {
  const next = link?.match(/<([^>]+)>;\s*rel="next"/)?.[1];
  const url = next && URL.parse(next, endpoint);
  return url && url.origin === new URL(endpoint).origin ? url.href : undefined;
}
