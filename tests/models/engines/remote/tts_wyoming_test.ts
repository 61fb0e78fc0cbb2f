import assert from "node:assert/strict";
import { wyoming } from "../../../../models/engines/tts/wyoming.ts";
import type { SpeechChunk, TextToSpeech } from "../../../../pipeline/engines.ts";
import { assertFails } from "./assert_fails.ts";
import {
  ASR_INFO,
  type Client,
  describing,
  MONO_16,
  serving,
  speaking,
  ttsInfo,
  type WyomingServer,
  wyomingServer,
} from "./wyoming_server.ts";

const forever = new AbortController().signal;
const TEXT = "One two three four.";

function load(
  { address }: Pick<WyomingServer, "address">,
  options: Readonly<Record<string, unknown>> = {},
): Promise<TextToSpeech> {
  const settings = wyoming.options.parse({ ...address, timeout_ms: 5000, ...options });
  return wyoming.load(settings, { signal: forever });
}

async function say(tts: TextToSpeech, { text = TEXT, voice = undefined as string | undefined } = {}) {
  return await Array.fromAsync(
    tts.synthesize(text, { signal: forever, ...(voice !== undefined && { voice }) }),
  );
}

/** What a server does that has been loaded: it described itself and spoke a word. */
const loading = (info: object = ttsInfo("amy"), format: object = MONO_16) =>
  [describing(info), speaking([2048], format)] as const;

const samplesOf = (chunks: readonly SpeechChunk[]) => chunks.flatMap(({ frame }) => [...frame.samples]);

Deno.test("tts wyoming: sound comes in frames of 120 ms at the server's rate, the words with it", async () => {
  await using server = wyomingServer(...loading(), speaking([1000, 10_001, 31, 40_000]));
  await using tts = await load(server);
  assert.equal(tts.sampleRateHz, 22_050);
  const chunks = await say(tts);
  const lengths = chunks.map(({ frame }) => frame.samples.length);
  assert.ok(lengths.slice(0, -1).every((length) => length === 2646) && lengths.length === 10, `${lengths}`);
  assert.equal(lengths.reduce((sum, length) => sum + length), (1000 + 10_001 + 31 + 40_000) / 2);
  assert.ok(chunks.every(({ frame }) => frame.sampleRateHz === 22_050));
  const ends = chunks.map(({ textEnd }) => textEnd);
  assert.deepEqual(ends, ends.toSorted((a, b) => a - b));
  assert.equal(ends.at(-1), TEXT.length);
  assert.ok(ends.includes(3) && ends.includes(7) && ends.includes(13), `${ends}: whole words`);
  assert.ok(ends.slice(0, -1).every((end) => end < TEXT.length));
  const level = (16 * 256 + 16) / 32_768;
  assert.ok(samplesOf(chunks).every((sample) => Math.abs(sample - level) < 1e-6), "cut in the right places");
});

Deno.test("tts wyoming: the first frame is given before the last has come", async () => {
  const { promise: heard, resolve: goOn } = Promise.withResolvers<void>();
  await using server = wyomingServer(...loading(), async (client) => {
    await client.until("synthesize");
    await client.say("audio-start", MONO_16);
    await client.say("audio-chunk", MONO_16, new Uint8Array(8000));
    await heard;
    await client.say("audio-chunk", MONO_16, new Uint8Array(2000));
    await client.say("audio-stop");
  });
  await using tts = await load(server);
  const chunks = tts.synthesize(TEXT, { signal: forever })[Symbol.asyncIterator]();
  assert.equal((await chunks.next()).value.frame.samples.length, 2646);
  goOn();
  assert.equal((await chunks.next()).value.textEnd, TEXT.length);
  assert.equal((await chunks.next()).done, true);
});

Deno.test("tts wyoming: stereo is mixed, and numbers of four bytes are read", async () => {
  const format = { rate: 48_000, width: 4, channels: 2 };
  const pair = new Uint8Array(8);
  new DataView(pair.buffer).setInt32(0, 2 ** 30, true);
  new DataView(pair.buffer).setInt32(4, -(2 ** 31), true);
  const sound = new Uint8Array(8 * 100).map((_, index) => pair[index % 8]!);
  await using server = wyomingServer(...loading(ttsInfo("amy"), format), async (client) => {
    await client.until("synthesize");
    await client.say("audio-start", format);
    await client.say("audio-chunk", format, sound.slice(0, 333));
    await client.say("audio-chunk", format, sound.slice(333));
    await client.say("audio-stop");
  });
  await using tts = await load(server);
  assert.equal(tts.sampleRateHz, 48_000);
  const samples = samplesOf(await say(tts));
  assert.deepEqual(samples, Array(100).fill(-0.25));
});

Deno.test("tts wyoming: voices are the server's; without a setting it chooses itself", async () => {
  await using server = wyomingServer(...loading(ttsInfo("amy", "bob", "amy")), speaking([4000]));
  await using tts = await load(server);
  assert.deepEqual(tts.voices, ["default", "amy", "bob"]);
  await say(tts);
  await say(tts, { voice: "bob" });
  await assertFails(say(tts, { voice: "eve" }), "NOT_FOUND", /"eve"; choose one of: default, amy, bob/);
  const asked = server.heard.filter(({ type }) => type === "synthesize").map(({ data }) => data);
  assert.deepEqual(asked, [
    { text: "Hello." },
    { text: TEXT },
    { text: TEXT, voice: { name: "bob" } },
  ]);
});

Deno.test("tts wyoming: the voice of the settings comes first, and must be there", async () => {
  await using server = wyomingServer(...loading(ttsInfo("amy", "bob")), describing(ttsInfo("amy")));
  await using tts = await load(server, { voice: "bob" });
  assert.deepEqual(tts.voices, ["bob", "amy"]);
  assert.deepEqual(server.heard.at(-1)?.data, { text: "Hello.", voice: { name: "bob" } });
  await assertFails(load(server, { voice: "eve" }), "NOT_FOUND", /choose one of: amy/);
});

Deno.test("tts wyoming: a single voice is the default", async () => {
  await using server = wyomingServer(...loading());
  await using tts = await load(server);
  assert.deepEqual(tts.voices, ["amy"]);
});

Deno.test("tts wyoming: a voice of another rate is refused and says what to do", async () => {
  await using server = wyomingServer(
    ...loading(ttsInfo("amy", "bob")),
    speaking([4000], { rate: 16_000, width: 2, channels: 1 }),
  );
  await using tts = await load(server);
  await assertFails(say(tts, { voice: "bob" }), "MODEL_ERROR", /16000 Hz .* 22050 Hz: name it in/);
});

Deno.test("tts wyoming: what cannot be spoken is not asked for", async () => {
  await using server = wyomingServer(...loading());
  await using tts = await load(server);
  assert.deepEqual(await say(tts, { text: "… — !" }), []);
  assert.equal(server.clients, 2);
});

Deno.test("tts wyoming: a server that only listens is refused when it is loaded", async () => {
  await using server = wyomingServer(describing(ASR_INFO));
  await assertFails(load(server), "MODEL_ERROR", /no text-to-speech: set host and port/);
});

Deno.test("tts wyoming: a server that makes no sound is refused when it is loaded", async () => {
  await using server = wyomingServer(describing(ttsInfo("amy")), speaking([]));
  await assertFails(load(server), "MODEL_ERROR", /gives no sound/);
});

const BAD: Readonly<Record<string, readonly [code: string, (client: Client) => Promise<unknown>]>> = {
  "hangs up before a sound": ["UNAVAILABLE", (client) => client.until("synthesize")],
  "hangs up in the middle": ["UNAVAILABLE", async (client) => {
    await client.until("synthesize");
    await client.say("audio-start", MONO_16);
    await client.say("audio-chunk", MONO_16, new Uint8Array(100));
  }],
  "stalls": ["TIMEOUT", (client) => client.gone()],
  "gives no sound": ["MODEL_ERROR", speaking([])],
  "gives samples of one byte": ["MODEL_ERROR", speaking([100], { ...MONO_16, width: 1 })],
  "gives samples of no channel": ["MODEL_ERROR", speaking([100], { ...MONO_16, channels: 0 })],
  "gives an absurd rate": ["MODEL_ERROR", speaking([100], { ...MONO_16, rate: 1e9 })],
  "announces too much": ["MODEL_ERROR", async (client) => {
    const data = JSON.stringify(MONO_16);
    await client.write([`{"type":"audio-chunk","data":${data},"payload_length":99999999999}\n`]);
    await client.gone();
  }],
  "announces more than it gives": ["UNAVAILABLE", async (client) => {
    await client.until("synthesize");
    await client.write([
      `{"type":"audio-chunk","data":${JSON.stringify(MONO_16)},"payload_length":100}\nabc`,
    ]);
  }],
};

for (const [what, [code, synthesize]] of Object.entries(BAD)) {
  Deno.test(`tts wyoming: a server that ${what} is ${code}`, async () => {
    await using server = wyomingServer(...loading(), synthesize);
    await using tts = await load(server, { timeout_ms: code === "TIMEOUT" ? 200 : 10_000 });
    await assertFails(say(tts), code);
  });
}

Deno.test("tts wyoming: a consumer that takes its time is not taken for a server that stalls", async () => {
  await using server = wyomingServer(...loading(), speaking([6000, 6000]));
  await using tts = await load(server, { timeout_ms: 300 });
  const chunks = tts.synthesize(TEXT, { signal: forever })[Symbol.asyncIterator]();
  await chunks.next();
  await new Promise((resolve) => setTimeout(resolve, 600));
  while (!(await chunks.next()).done);
});

Deno.test("tts wyoming: an abort rejects at once and closes the connection, as does who leaves early", async () => {
  for (const aborts of [true, false]) {
    const gone = Promise.withResolvers<void>();
    await using server = wyomingServer(...loading(), async (client) => {
      await client.until("synthesize");
      await client.say("audio-start", MONO_16);
      await client.say("audio-chunk", MONO_16, new Uint8Array(6000));
      await client.gone();
      gone.resolve();
    });
    await using tts = await load(server, { timeout_ms: 60_000 });
    const controller = new AbortController();
    const chunks = tts.synthesize(TEXT, controller)[Symbol.asyncIterator]();
    await chunks.next();
    if (aborts) {
      const next = chunks.next();
      controller.abort("barge_in");
      await assert.rejects(next, (reason) => reason === "barge_in");
    } else await chunks.return?.();
    await gone.promise;
  }
});

Deno.test("tts wyoming: each server is asked as the protocol has it", async () => {
  await using server = wyomingServer(serving({
    describe: (client) => client.say("info", ttsInfo()),
    synthesize: async (client) => {
      await client.say("audio-chunk", MONO_16, new Uint8Array(4000)); // Some begin without a start.
      await client.say("audio-stop");
    },
  }));
  await using tts = await load(server, { voice: "unlisted" });
  assert.deepEqual(tts.voices, ["unlisted"]);
  assert.equal((await say(tts)).at(-1)?.textEnd, TEXT.length);
  assert.deepEqual(server.heard.at(-1)?.data, { text: TEXT, voice: { name: "unlisted" } });
});
