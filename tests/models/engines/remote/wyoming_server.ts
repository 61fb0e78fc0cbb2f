/** A Wyoming server that does to each client what a test wants. Reads the protocol in its own way. */

/** A message of a client. */
export interface Heard {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly payload: Uint8Array;
}

/** A running server. Disposing it ends every connection. */
export interface WyomingServer extends AsyncDisposable {
  /** What points an engine to it. */
  readonly address: { readonly host: string; readonly port: number };
  /** Everything that came, of all clients. */
  readonly heard: readonly Heard[];
  /** How many clients there have been. */
  readonly clients: number;
}

/** One client as the server sees it. */
export class Client {
  readonly #connection: Deno.Conn;
  readonly #heard: Heard[];
  #bytes = new Uint8Array(0);

  constructor(connection: Deno.Conn, heard: Heard[]) {
    this.#connection = connection;
    this.#heard = heard;
  }

  /** Its next message, or nothing once it has gone. */
  async next(): Promise<Heard | undefined> {
    let end: number;
    while ((end = this.#bytes.indexOf(10)) < 0) if (!await this.#more()) return undefined;
    const head = JSON.parse(new TextDecoder().decode(this.#take(end + 1)));
    const { data_length = 0, payload_length = 0 } = head;
    while (this.#bytes.length < data_length + payload_length) if (!await this.#more()) return undefined;
    const data = data_length > 0 ? JSON.parse(new TextDecoder().decode(this.#take(data_length))) : {};
    const message = { type: head.type, data: { ...head.data, ...data }, payload: this.#take(payload_length) };
    this.#heard.push(message);
    return message;
  }

  /** Its messages up to the first of that type. */
  async until(type: string): Promise<readonly Heard[]> {
    const messages: Heard[] = [];
    while (messages.at(-1)?.type !== type) {
      const message = await this.next();
      if (!message) return messages;
      messages.push(message);
    }
    return messages;
  }

  /** Waits until it has gone. */
  async gone(): Promise<void> {
    while (await this.#more()) this.#bytes = new Uint8Array(0);
  }

  /** Sends a message as the protocol has it. */
  say(type: string, data: object = {}, payload = new Uint8Array(0)): Promise<void> {
    const body = new TextEncoder().encode(JSON.stringify(data));
    return this.write([
      `${
        JSON.stringify({ type, version: "1.10.2", data_length: body.length, payload_length: payload.length })
      }\n`,
      body,
      payload,
    ]);
  }

  /** Sends bytes as they are. A client that has gone does not matter. */
  async write(parts: readonly (string | Uint8Array)[]): Promise<void> {
    const bytes = new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
    try {
      for (let sent = 0; sent < bytes.length;) sent += await this.#connection.write(bytes.subarray(sent));
    } catch { /* Gone. */ }
  }

  async #more(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    const count = await this.#connection.read(buffer).catch(() => null);
    if (count === null) return false;
    const all = new Uint8Array(this.#bytes.length + count);
    all.set(this.#bytes);
    all.set(buffer.subarray(0, count), this.#bytes.length);
    this.#bytes = all;
    return true;
  }

  #take(length: number): Uint8Array {
    const taken = this.#bytes.slice(0, length);
    this.#bytes = this.#bytes.slice(length);
    return taken;
  }
}

/** What a server does with a client. It hangs up when this is over. */
export type Treatment = (client: Client) => Promise<unknown>;

/** Serves each client, in the order they come, as the next treatment says, the last one for ever. */
export function wyomingServer(...treatments: Treatment[]): WyomingServer {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const heard: Heard[] = [];
  const open = new Set<Deno.Conn>();
  const serving: Promise<void>[] = [];
  const serve = async (connection: Deno.Conn, treat: Treatment) => {
    open.add(connection);
    await treat(new Client(connection, heard));
    if (open.delete(connection)) connection.close();
  };
  const accepting = (async () => {
    for await (const connection of listener) {
      serving.push(serve(connection, treatments[Math.min(serving.length, treatments.length - 1)]!));
    }
  })();
  const { port } = listener.addr as Deno.NetAddr;
  return {
    address: { host: "127.0.0.1", port },
    heard,
    get clients() {
      return serving.length;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      for (const connection of open) connection.close();
      open.clear();
      await accepting;
      await Promise.all(serving);
    },
  };
}

/** What a recogniser says of itself. */
export const ASR_INFO = {
  asr: [{ name: "fake", attribution: { name: "", url: "" }, installed: true, models: [] }],
  tts: [],
};

/** What a synthesiser says of itself. */
export function ttsInfo(...voices: string[]) {
  return { asr: [], tts: [{ name: "fake", voices: voices.map((name) => ({ name, languages: ["en"] })) }] };
}

/** A treatment that answers `describe`. */
export function describing(info: object): Treatment {
  return async (client) => {
    await client.until("describe");
    await client.say("info", info);
    await client.gone();
  };
}

/** The format of 16-bit mono sound. */
export const MONO_16 = { rate: 22_050, width: 2, channels: 1 };

/** Sends a client sound in pieces of the given lengths in bytes, and waits until it has gone. */
export async function speak(
  client: Client,
  pieces: readonly number[],
  format: object = MONO_16,
): Promise<void> {
  await client.say("audio-start", format);
  for (const length of pieces) await client.say("audio-chunk", format, new Uint8Array(length).fill(16));
  await client.say("audio-stop");
  await client.gone();
}

/** A treatment that says the same, whatever it is asked for. */
export function speaking(pieces: readonly number[], format: object = MONO_16): Treatment {
  return async (client) => {
    await client.until("synthesize");
    await speak(client, pieces, format);
  };
}

/** A treatment by what the client says first. */
export function serving(byFirst: Readonly<Record<string, (client: Client) => Promise<unknown>>>): Treatment {
  return async (client) => {
    const first = await client.next();
    if (first) await byFirst[first.type]!(client);
  };
}
