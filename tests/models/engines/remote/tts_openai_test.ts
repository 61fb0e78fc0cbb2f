import assert from "node:assert/strict";
import { openai } from "../../../../models/engines/tts/openai.ts";
import { samplesToPcm16 } from "../../../../pipeline/audio.ts";
import type { SpeechChunk } from "../../../../pipeline/engines.ts";
import { assertFails, KEY } from "./assert_fails.ts";
import { cut, sound, type SpeechServer, speechServer, stalledSound } from "./speech_server.ts";

const KEY_ENV = "PARLEY_TEST_TTS_KEY";
const TEXT = "One two three four.";
const forever = new AbortController().signal;

interface Asked {
  readonly signal?: AbortSignal;
  readonly voice?: string;
  readonly text?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

async function* ask(
  { baseUrl }: Pick<SpeechServer, "baseUrl">,
  { signal = forever, voice, text = TEXT, options }: Asked = {},
): AsyncGenerator<SpeechChunk> {
  const settings = openai.options.parse({ base_url: baseUrl, model: "small", ...options });
  await using tts = await openai.load(settings, { signal });
  yield* tts.synthesize(text, { signal, ...(voice !== undefined && { voice }) });
}

const all = (server: Pick<SpeechServer, "baseUrl">, asked?: Asked) => Array.fromAsync(ask(server, asked));

/** So many samples that rise, each a number of its own. */
const RISING = Float32Array.from({ length: 10_000 }, (_, index) => index / 32_768);
const BYTES = samplesToPcm16(RISING);
const status = (status: number, headers: Record<string, string> = {}) => () =>
  Response.json({ error: { message: `no, ${KEY}` } }, { status, headers });
/** Tried again at once. */
const soon = { "retry-after": "0" };

Deno.test("tts openai: sound comes in frames of 120 ms, wherever it was cut", async () => {
  const pieces = [BYTES.slice(0, 1), BYTES.slice(1, 2), BYTES.slice(2, 7777), BYTES.slice(7777)];
  await using server = speechServer(() => sound(pieces));
  const chunks = await all(server);
  assert.deepEqual(chunks.map(({ frame }) => frame.samples.length), [2880, 2880, 2880, 1360]);
  const samples = chunks.flatMap(({ frame }) => [...frame.samples]);
  assert.ok(samples.every((sample, index) => Math.abs(sample - RISING[index]!) < 1e-4));
  assert.ok(chunks.every(({ frame }) => frame.sampleRateHz === 24_000));
  assert.deepEqual(chunks.map(({ textEnd }) => textEnd), [0, 3, 3, TEXT.length]);
});

Deno.test("tts openai: an odd byte at the very end is left out", async () => {
  await using server = speechServer(() => sound([BYTES, Uint8Array.of(1)]));
  const chunks = await all(server);
  assert.equal(chunks.reduce((sum, { frame }) => sum + frame.samples.length, 0), RISING.length);
});

Deno.test("tts openai: the request says what the settings and the call say", async () => {
  await using server = speechServer(() => sound([BYTES]));
  await all(server);
  const options = { voices: ["amy", "bob"], speed: 1.5, sample_rate: 16_000 };
  const chunks = await all(server, { voice: "bob", options });
  assert.equal(chunks[0]?.frame.samples.length, 1920);
  assert.equal(server.requests[0]?.path, "/v1/audio/speech");
  const common = { model: "small", input: TEXT, response_format: "pcm" };
  assert.deepEqual(server.requests.map(({ body }) => body), [
    { ...common, voice: "alloy" },
    { ...common, voice: "bob", speed: 1.5 },
  ]);
  await assertFails(all(server, { voice: "eve", options }), "NOT_FOUND", /choose one of: amy, bob\./);
  assert.equal(server.requests.length, 2);
});

Deno.test("tts openai: what cannot be spoken is not asked for", async () => {
  await using server = speechServer(() => sound([BYTES]));
  assert.deepEqual(await all(server, { text: "…" }), []);
  assert.equal(server.requests.length, 0);
});

Deno.test("tts openai: the key is sent and told nobody, whatever the server says of it", async () => {
  await using server = speechServer(status(401), status(403), status(400), status(500));
  Deno.env.set(KEY_ENV, KEY);
  try {
    const options = { api_key_env: KEY_ENV, retries: 0 };
    await assertFails(all(server, { options }), "PERMISSION_DENIED", /the key in PARLEY_TEST_TTS_KEY/);
    await assertFails(all(server, { options }), "PERMISSION_DENIED");
    await assertFails(all(server, { options }), "MODEL_ERROR");
    await assertFails(all(server, { options }), "MODEL_ERROR", /HTTP 500/);
  } finally {
    Deno.env.delete(KEY_ENV);
  }
  assert.equal(server.requests[0]!.authorization, `Bearer ${KEY}`);
});

Deno.test("tts openai: what may pass is tried again until a sound has come", async () => {
  await using server = speechServer(
    status(429, soon),
    status(502, soon),
    () => sound([], cut),
    () => sound([BYTES]),
  );
  const chunks = await all(server, { options: { retries: 3 } });
  assert.equal(chunks.reduce((sum, { frame }) => sum + frame.samples.length, 0), RISING.length);
  assert.equal(server.requests.length, 4);
});

Deno.test("tts openai: nothing is spoken twice: a cut after the first byte is UNAVAILABLE", async () => {
  await using server = speechServer(
    () => sound([BYTES.slice(0, 8000)], cut),
    () => sound([BYTES.slice(0, 1)], cut),
    () => sound([BYTES]),
  );
  const chunks = ask(server);
  assert.equal((await chunks.next()).value.frame.samples.length, 2880);
  await assertFails(Array.fromAsync(chunks), "UNAVAILABLE");
  await assertFails(all(server), "UNAVAILABLE");
  assert.equal(server.requests.length, 2);
});

Deno.test("tts openai: no more tries than the settings say, and none where it would not help", async () => {
  await using server = speechServer(status(500, soon), status(500, soon), status(500, soon), status(404));
  await assertFails(all(server), "MODEL_ERROR");
  assert.equal(server.requests.length, 3);
  await assertFails(all(server), "NOT_FOUND", /the model "small"/);
  assert.equal(server.requests.length, 4);
});

Deno.test("tts openai: HTTP 429 without end is RATE_LIMITED", async () => {
  await using server = speechServer(status(429, soon));
  await assertFails(all(server), "RATE_LIMITED");
});

const typed = (type: string, pieces: readonly Uint8Array[]) =>
  new Response(new Blob(pieces.map((piece) => new Uint8Array(piece))), { headers: { "content-type": type } });

/** As WAV files begin, with something between the format and the sound. */
function wavHeader({ channels = 1, rateHz = 24_000, bytes = BYTES.length }): Uint8Array {
  const header = new Uint8Array(54);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode("RIFF    WAVEfmt "));
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rateHz, true);
  view.setUint16(34, 16, true);
  header.set(new TextEncoder().encode("LIST"), 36);
  view.setUint32(40, 2, true);
  header.set(new TextEncoder().encode("data"), 46);
  view.setUint32(50, bytes, true);
  return header;
}

Deno.test("tts openai: a WAV file is heard without its header and what comes after, wherever it was cut", async () => {
  const after = new TextEncoder().encode("LISTwhatever");
  for (const bytes of [BYTES.length, 0, 0xffffffff]) {
    const file = [...wavHeader({ bytes }), ...BYTES, ...(bytes === BYTES.length ? after : [])];
    for (const cutAt of [1, 3, 30, 53, 54, 60]) {
      const pieces = [Uint8Array.from(file.slice(0, cutAt)), Uint8Array.from(file.slice(cutAt))];
      await using server = speechServer(() => sound(pieces));
      const samples = (await all(server)).flatMap(({ frame }) => [...frame.samples]);
      assert.equal(samples.length, RISING.length);
      assert.ok(samples.every((sample, index) => Math.abs(sample - RISING[index]!) < 1e-4));
    }
  }
});

Deno.test("tts openai: a WAV file of another rate says which must be set", async () => {
  await using server = speechServer(() => sound([wavHeader({ rateHz: 22_050 }), BYTES]));
  await assertFails(all(server), "MODEL_ERROR", /22050 Hz: set models.tts.sample_rate/);
});

Deno.test("tts openai: raw sound is heard though a proxy calls it something else", async () => {
  const noise = samplesToPcm16(Float32Array.from({ length: 5000 }, () => -1 / 32_768));
  for (const [type, bytes] of [["audio/mpeg", BYTES], ["audio/pcm", noise]] as const) {
    await using server = speechServer(() => typed(type, [bytes]));
    const chunks = await all(server);
    assert.equal(chunks.reduce((sum, { frame }) => sum + frame.samples.length, 0), bytes.length / 2);
  }
});

const NO_SOUND: Readonly<Record<string, () => Response>> = {
  "a page": () => new Response("<html>It works!</html>", { headers: { "content-type": "text/html" } }),
  "JSON": () => Response.json({ hello: "world" }),
  "MP3": () => typed("audio/mpeg", [Uint8Array.of(0xff, 0xf3, 0x44, 0xc4), BYTES]),
  "MP3 with a title": () => typed("application/octet-stream", [new TextEncoder().encode("ID3"), BYTES]),
  "Opus": () => typed("audio/pcm", [new TextEncoder().encode("OggS"), BYTES]),
  "WAV of two channels": () => typed("audio/wav", [wavHeader({ channels: 2 }), BYTES]),
  "nothing": () => sound([]),
  "half a sample": () => sound([Uint8Array.of(1)]),
};

for (const [what, answer] of Object.entries(NO_SOUND)) {
  Deno.test(`tts openai: ${what} instead of raw sound is MODEL_ERROR at the first try`, async () => {
    await using server = speechServer(answer);
    await assertFails(all(server), "MODEL_ERROR");
    assert.equal(server.requests.length, 1);
  });
}

Deno.test("tts openai: nobody listening is UNAVAILABLE", async () => {
  const { baseUrl } = await (async () => {
    await using server = speechServer(() => sound([]));
    return server;
  })();
  await assertFails(all({ baseUrl }, { options: { retries: 1 } }), "UNAVAILABLE");
});

Deno.test("tts openai: a server that stalls is TIMEOUT, at the beginning and in the middle", async () => {
  await using server = speechServer(() => stalledSound([]), () => stalledSound([BYTES.slice(0, 100)]));
  await assertFails(all(server, { options: { timeout_ms: 200 } }), "TIMEOUT");
  await assertFails(all(server, { options: { timeout_ms: 200 } }), "TIMEOUT");
  assert.equal(server.requests.length, 2);
});

Deno.test("tts openai: a consumer that takes its time is not taken for a server that stalls", async () => {
  await using server = speechServer(() => sound([BYTES.slice(0, 8000), BYTES.slice(8000)]));
  const chunks = ask(server, { options: { timeout_ms: 300 } });
  await chunks.next();
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.equal((await Array.fromAsync(chunks)).at(-1)?.textEnd, TEXT.length);
});

Deno.test("tts openai: an abort rejects with its reason and lets go of the connection", async () => {
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  await using server = speechServer(() => stalledSound([BYTES.slice(0, 8000)], resolve));
  const controller = new AbortController();
  const chunks = ask(server, { signal: controller.signal });
  await chunks.next();
  const next = chunks.next();
  controller.abort("barge_in");
  await assert.rejects(next, (reason) => reason === "barge_in");
  await letGo;
});

Deno.test("tts openai: a consumer that leaves early lets go of the connection", async () => {
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  await using server = speechServer(() => stalledSound([BYTES.slice(0, 8000)], resolve));
  for await (const { frame } of ask(server)) {
    assert.equal(frame.samples.length, 2880);
    break;
  }
  await letGo;
});
