import assert from "node:assert/strict";
import { openai } from "../../../../models/engines/stt/openai.ts";
import { pcm16ToSamples } from "../../../../pipeline/audio.ts";
import type { AudioFrame } from "../../../../pipeline/audio.ts";
import type { Transcript } from "../../../../pipeline/engines.ts";
import { assertFails, KEY } from "./assert_fails.ts";
import { cut, sound, type SpeechServer, speechServer, stalledSound } from "./speech_server.ts";
import { frameOf, TestMicrophone } from "./test_microphone.ts";

const KEY_ENV = "PARLEY_TEST_STT_KEY";
const forever = new AbortController().signal;

interface Asked {
  readonly signal?: AbortSignal;
  readonly language?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly audio?: AsyncIterable<AudioFrame>;
}

async function* spoken(frames: number): AsyncGenerator<AudioFrame> {
  for (let index = 0; index < frames; index++) yield frameOf(0.5, index);
}

async function ask(
  { baseUrl }: Pick<SpeechServer, "baseUrl">,
  { signal = forever, language, options, audio = spoken(10) }: Asked = {},
): Promise<Transcript[]> {
  const settings = openai.options.parse({ base_url: baseUrl, model: "whisper", ...options });
  await using stt = await openai.load(settings, { signal });
  return await Array.fromAsync(
    stt.transcribe(audio, { signal, ...(language !== undefined && { language }) }),
  );
}

const text = (text: string) => () => Response.json({ text });
const status = (status: number, headers: Record<string, string> = {}) => () =>
  Response.json({ error: { message: `no, ${KEY}` } }, { status, headers });
/** Tried again at once. */
const soon = { "retry-after": "0" };

Deno.test("stt openai: the utterance is sent as one WAV file, and one transcript comes", async () => {
  await using server = speechServer(text(" Hello there.\n"));
  const transcripts = await ask(server, { language: "en-US", options: { language: "de" } });
  assert.deepEqual(transcripts, [{ text: "Hello there.", stableChars: 12, final: true, audioMs: 320 }]);
  const [{ path, authorization, form }] = server.requests as [SpeechServer["requests"][number]];
  assert.deepEqual([path, authorization], ["/v1/audio/transcriptions", null]);
  const { file, ...fields } = Object.fromEntries(form!);
  assert.deepEqual(fields, { model: "whisper", language: "en", response_format: "json" });
  assert.ok(file instanceof File);
  const bytes = new Uint8Array(await file.arrayBuffer());
  const view = new DataView(bytes.buffer);
  assert.match(file.name, /\.wav$/);
  assert.equal(new TextDecoder().decode(bytes.subarray(0, 4)), "RIFF");
  assert.equal(view.getUint32(4, true), bytes.length - 8);
  assert.equal(view.getUint32(24, true), 16_000);
  assert.equal(view.getUint32(40, true), 10 * 512 * 2);
  const samples = pcm16ToSamples(bytes.subarray(44));
  assert.ok(samples.length === 10 * 512 && samples.every((sample) => Math.abs(sample - 0.5) < 1e-3));
});

Deno.test("stt openai: sound in which nothing can have been said is not sent", async () => {
  await using server = speechServer(() =>
    Response.json({ error: { code: "audio_too_short" } }, { status: 400 })
  );
  const [transcript, ...more] = await ask(server, { audio: spoken(3) });
  assert.deepEqual([transcript?.text, transcript?.final, transcript?.audioMs, more], ["", true, 96, []]);
  assert.equal(server.requests.length, 0);
});

Deno.test("stt openai: the settings' language is for calls that name none, and a slash too many is none", async () => {
  await using server = speechServer(text("x"));
  const { baseUrl } = server;
  await ask({ baseUrl: `${baseUrl}/` }, { options: { language: "de" } });
  assert.deepEqual([server.requests[0]!.path, server.requests[0]!.form!.get("language")], [
    "/v1/audio/transcriptions",
    "de",
  ]);
});

Deno.test("stt openai: no sound is no text, and nobody is asked", async () => {
  await using server = speechServer(text("nonsense"));
  const transcripts = await ask(server, { audio: spoken(0) });
  assert.deepEqual(transcripts, [{ text: "", stableChars: 0, final: true, audioMs: 0 }]);
  assert.equal(server.requests.length, 0);
});

Deno.test("stt openai: the key is sent and told nobody, whatever the server says of it", async () => {
  await using server = speechServer(status(401), status(403), status(400), status(500));
  Deno.env.set(KEY_ENV, KEY);
  try {
    const options = { api_key_env: KEY_ENV, retries: 0 };
    await assertFails(ask(server, { options }), "PERMISSION_DENIED", /the key in PARLEY_TEST_STT_KEY/);
    await assertFails(ask(server, { options }), "PERMISSION_DENIED");
    await assertFails(ask(server, { options }), "MODEL_ERROR", /HTTP 400/);
    await assertFails(ask(server, { options }), "MODEL_ERROR", /HTTP 500/);
  } finally {
    Deno.env.delete(KEY_ENV);
  }
  assert.equal(server.requests[0]!.authorization, `Bearer ${KEY}`);
  await assertFails(ask(server, { options: { api_key_env: KEY_ENV } }), "VALIDATION_ERROR");
});

Deno.test("stt openai: a server without a key that wants one says which setting is missing", async () => {
  await using server = speechServer(status(401));
  await assertFails(ask(server), "PERMISSION_DENIED", /models\.stt\.api_key_env/);
});

Deno.test("stt openai: what may pass is tried again: HTTP 429, 5xx, connections that break", async () => {
  await using server = speechServer(
    status(429, soon),
    status(503, soon),
    () => sound([], cut),
    text("at last"),
  );
  assert.equal((await ask(server, { options: { retries: 3 } }))[0]?.text, "at last");
  assert.equal(server.requests.length, 4);
  const files = server.requests.map(({ form }) => (form!.get("file") as File).size);
  assert.deepEqual(new Set(files), new Set([44 + 10 * 512 * 2]), "the same sound each time");
});

Deno.test("stt openai: no more tries than the settings say", async () => {
  await using server = speechServer(status(500, soon));
  await assertFails(ask(server), "MODEL_ERROR");
  assert.equal(server.requests.length, 3);
});

for (const [code, error] of [[400, "MODEL_ERROR"], [404, "NOT_FOUND"], [307, "MODEL_ERROR"]] as const) {
  Deno.test(`stt openai: HTTP ${code} is ${error} at the first try`, async () => {
    await using server = speechServer(status(code, { location: "http://127.0.0.1:1/" }));
    await assertFails(ask(server), error);
    assert.equal(server.requests.length, 1);
  });
}

Deno.test("stt openai: a server that wants to be left alone for longer than there is time is RATE_LIMITED at once", async () => {
  const later = new Date(Date.now() + 3_600_000).toUTCString();
  await using server = speechServer(
    status(429, { "retry-after": "3600" }),
    status(429, { "retry-after": later }),
  );
  await assertFails(ask(server), "RATE_LIMITED");
  await assertFails(ask(server), "RATE_LIMITED");
  assert.equal(server.requests.length, 2);
});

Deno.test("stt openai: a pause before the next try that cannot be read is one of our own", async () => {
  await using server = speechServer(status(503, { "retry-after": "soon" }), text("ok"));
  assert.equal((await ask(server))[0]?.text, "ok");
});

const UNREADABLE: Readonly<Record<string, () => Response>> = {
  "a page": () => new Response("<html>It works!</html>", { headers: { "content-type": "text/html" } }),
  "nothing": () => new Response(null),
  "another object": () => Response.json({ hello: "world" }),
  "a list": () => Response.json([]),
  "text that is a number": () => Response.json({ text: 5 }),
  "more than anybody says": () => Response.json({ text: "la ".repeat(500_000) }),
  "bytes that are no text": () => sound([new Uint8Array(1000).fill(0xff)]),
};

for (const [what, answer] of Object.entries(UNREADABLE)) {
  Deno.test(`stt openai: ${what} instead of a transcription is MODEL_ERROR at the first try`, async () => {
    await using server = speechServer(answer);
    await assertFails(ask(server), "MODEL_ERROR", /does not speak the OpenAI protocol/);
    assert.equal(server.requests.length, 1);
  });
}

Deno.test("stt openai: nobody listening is UNAVAILABLE", async () => {
  const { baseUrl } = await (async () => {
    await using server = speechServer(text("x"));
    return server;
  })();
  await assertFails(ask({ baseUrl }, { options: { retries: 1 } }), "UNAVAILABLE");
});

Deno.test("stt openai: a server that stalls is TIMEOUT, before and in its answer", async () => {
  const never = Promise.withResolvers<Response>();
  await using server = speechServer(
    () => never.promise,
    () => stalledSound([new TextEncoder().encode('{"text":')]),
  );
  await assertFails(ask(server, { options: { timeout_ms: 200 } }), "TIMEOUT", /for 200 ms/);
  await assertFails(ask(server, { options: { timeout_ms: 200 } }), "TIMEOUT");
  never.resolve(new Response());
});

Deno.test("stt openai: an abort while the user speaks rejects at once", async () => {
  await using server = speechServer(text("x"));
  const microphone = new TestMicrophone();
  const controller = new AbortController();
  const asked = ask(server, { audio: microphone.audio, signal: controller.signal });
  microphone.hear(1);
  setTimeout(() => controller.abort("barge_in"), 20);
  await assert.rejects(asked, (reason) => reason === "barge_in");
  microphone.end();
  assert.equal(server.requests.length, 0);
});

Deno.test("stt openai: an abort while the server thinks rejects at once and lets go of the connection", async () => {
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  const controller = new AbortController();
  await using server = speechServer(() => {
    setTimeout(() => controller.abort("barge_in"), 20);
    return stalledSound([new TextEncoder().encode('{"text":')], resolve);
  });
  await assert.rejects(ask(server, controller), (reason) => reason === "barge_in");
  await letGo;
});

Deno.test("stt openai: an abort in the pause between two tries rejects at once", async () => {
  const controller = new AbortController();
  await using server = speechServer(() => {
    setTimeout(() => controller.abort("barge_in"), 20);
    return status(503, { "retry-after": "20" })();
  });
  await assert.rejects(ask(server, controller), (reason) => reason === "barge_in");
});

Deno.test("stt openai: sound that fails is told as it failed", async () => {
  await using server = speechServer(text("x"));
  const microphone = new TestMicrophone();
  const lost = new Error("unplugged");
  microphone.hear(1);
  microphone.end(lost);
  await assert.rejects(ask(server, { audio: microphone.audio }), (error) => error === lost);
});
