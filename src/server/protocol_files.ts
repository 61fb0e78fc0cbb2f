/** The contract as clients' authors fetch it from a server that runs. */

/** A file of `src/protocol/generated/`. */
export interface ProtocolFile {
  readonly text: string;
  readonly contentType: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  "schema.json": "application/schema+json",
  "asyncapi.json": "application/vnd.aai.asyncapi+json;version=3.0.0",
  "client.ts": "text/plain; charset=utf-8",
  "client.py": "text/plain; charset=utf-8",
  "client.rs": "text/plain; charset=utf-8",
};

/** Reads the generated files, by name. */
export async function protocolFiles(): Promise<ReadonlyMap<string, ProtocolFile>> {
  const folder = new URL("../protocol/generated/", import.meta.url);
  const read = async ([name, contentType]: [string, string]): Promise<[string, ProtocolFile]> => [
    name,
    { contentType, text: await Deno.readTextFile(new URL(name, folder)) },
  ];
  return new Map(await Promise.all(Object.entries(CONTENT_TYPES).map(read)));
}
