import assert from "node:assert/strict";
import { wyoming } from "../../../../models/engines/stt/wyoming.ts";
import { type AudioFrame, pcm16ToSamples } from "../../../../pipeline/audio.ts";
import type { Transcript } from "../../../../pipeline/engines.ts";
import { assertFails } from "./assert_fails.ts";
import { frameOf, TestMicrophone } from "./test_microphone.ts";
import {
  ASR_INFO,
  type Client,
  describing,
  serving,
  type Treatment,
  ttsInfo,
  type WyomingServer,
  wyomingServer,
} from "./wyoming_server.ts";

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

async function* ask(
  { address }: Pick<WyomingServer, "address">,
  { signal = forever, language, options, audio = spoken(10) }: Asked = {},
): AsyncGenerator<Transcript> {
  const settings = wyoming.options.parse({ ...address, timeout_ms: 5000, ...options });
  await using stt = await wyoming.load(settings, { signal });
  yield* stt.transcribe(audio, { signal, ...(language !== undefined && { language }) });
}

/** A recogniser that does this with an utterance. */
function recogniser(transcribe: (client: Client) => Promise<unknown>): Treatment {
  return serving({ describe: (client) => client.say("info", ASR_INFO), transcribe });
}

const answering = (text: string) =>
  recogniser(async (client) => {
    await client.until("audio-stop");
    await client.say("transcript", { text, language: null });
    await client.gone();
  });

Deno.test("stt wyoming: the sound arrives whole and in order, and one transcript is the last", async () => {
  await using server = wyomingServer(answering(" hello there\n"));
  const options = { name: "tiny", language: "de" };
  const transcripts = await Array.fromAsync(ask(server, { options, language: "en" }));
  assert.deepEqual(transcripts, [{ text: "hello there", stableChars: 11, final: true, audioMs: 320 }]);
  const [describe, transcribe, start, ...chunks] = server.heard;
  assert.deepEqual([describe?.type, transcribe?.type, start?.type], [
    "describe",
    "transcribe",
    "audio-start",
  ]);
  assert.deepEqual(transcribe?.data, { name: "tiny", language: "en" });
  assert.deepEqual(start?.data, { rate: 16_000, width: 2, channels: 1 });
  const stop = chunks.pop();
  assert.equal(stop?.type, "audio-stop");
  assert.deepEqual(new Set(chunks.map(({ type }) => type)), new Set(["audio-chunk"]));
  const sent = chunks.flatMap(({ payload }) => [...pcm16ToSamples(payload)]);
  assert.equal(sent.length, 10 * 512);
  assert.ok(Math.abs(sent[5]! - 0.5) < 1e-3);
});

Deno.test("stt wyoming: the language of the settings is for calls that name none", async () => {
  await using server = wyomingServer(answering("x"));
  await Array.fromAsync(ask(server, { options: { language: "de" } }));
  assert.deepEqual(server.heard[1]?.data, { language: "de" });
});

Deno.test("stt wyoming: a language is called as the server calls it", async () => {
  const cases: [languages: string[], asked: string, sent: string][] = [
    [["de", "en"], "en_GB", "en"],
    [["de", "en"], "en", "en"],
    [["de-DE", "en-GB", "en-US"], "en_us", "en-US"],
    [["de-DE"], "en-US", "en-US"],
    [[], "en-US", "en-US"],
  ];
  for (const [languages, language, sent] of cases) {
    const info = { asr: [{ name: "fake", models: [{ name: "tiny", languages }] }] };
    await using server = wyomingServer(serving({
      describe: (client) => client.say("info", info),
      transcribe: (client) => client.say("transcript", { text: "x" }),
    }));
    await Array.fromAsync(ask(server, { language }));
    assert.deepEqual(server.heard[1]?.data, { language: sent });
  }
});

Deno.test("stt wyoming: sound is sent while it is spoken, and pieces of the text are told as they come", async () => {
  const microphone = new TestMicrophone();
  await using server = wyomingServer(recogniser(async (client) => {
    await client.until("audio-chunk");
    await client.say("transcript-start", { language: "en" });
    await client.say("transcript-chunk", { text: "turn " });
    await client.until("audio-stop");
    await client.say("transcript-chunk", { text: "left" });
    await client.say("transcript", { text: "Turn left." });
    await client.say("transcript-stop");
    await client.gone();
  }));
  const transcripts = ask(server, { audio: microphone.audio });
  const first = transcripts.next();
  microphone.hear(3);
  assert.equal((await first).value.text, "turn ");
  microphone.end();
  const rest = await Array.fromAsync(transcripts);
  assert.deepEqual(rest.map(({ text, final }) => [text, final]), [["turn left", false], [
    "Turn left.",
    true,
  ]]);
  assert.deepEqual(rest.map(({ audioMs, stableChars }) => [audioMs, stableChars]), [[96, 0], [96, 10]]);
});

Deno.test("stt wyoming: a stream that ends without a transcript is the transcript", async () => {
  await using server = wyomingServer(recogniser(async (client) => {
    await client.until("audio-stop");
    for (const text of ["so ", "be it"]) await client.say("transcript-chunk", { text });
    await client.say("transcript-stop");
  }));
  assert.equal((await Array.fromAsync(ask(server))).at(-1)?.text, "so be it");
});

Deno.test("stt wyoming: a server that is done before the speaker gives the last word when he is", async () => {
  const microphone = new TestMicrophone();
  await using server = wyomingServer(recogniser(async (client) => {
    await client.until("audio-chunk");
    await client.say("transcript", { text: "stop" });
  }));
  const transcripts = ask(server, { audio: microphone.audio });
  microphone.hear(2);
  assert.deepEqual(await transcripts.next().then(({ value }) => [value.text, value.final]), ["stop", false]);
  microphone.hear(2);
  microphone.end();
  assert.deepEqual(await Array.fromAsync(transcripts), [
    { text: "stop", stableChars: 4, final: true, audioMs: 128 },
  ]);
});

Deno.test("stt wyoming: no sound is no text, and nobody is asked", async () => {
  await using server = wyomingServer(answering("nonsense"));
  const transcripts = await Array.fromAsync(ask(server, { audio: spoken(0) }));
  assert.deepEqual(transcripts, [{ text: "", stableChars: 0, final: true, audioMs: 0 }]);
  assert.equal(server.clients, 1);
});

Deno.test("stt wyoming: a server that only speaks is refused when it is loaded", async () => {
  await using server = wyomingServer(describing(ttsInfo("amy")));
  await assertFails(Array.fromAsync(ask(server)), "MODEL_ERROR", /no speech-to-text: set host and port/);
});

Deno.test("stt wyoming: loading without a server is UNAVAILABLE and says where it was looked for", async () => {
  const { address } = await (async () => {
    await using server = wyomingServer(describing(ASR_INFO));
    return server;
  })();
  await assertFails(Array.fromAsync(ask({ address })), "UNAVAILABLE", new RegExp(`:${address.port}`));
});

Deno.test("stt wyoming: a speaker may take longer than the server may", async () => {
  const microphone = new TestMicrophone();
  await using server = wyomingServer(answering("slow"));
  const transcripts = Array.fromAsync(ask(server, {
    audio: microphone.audio,
    options: { timeout_ms: 300 },
  }));
  microphone.hear(1);
  await new Promise((resolve) => setTimeout(resolve, 600));
  microphone.end();
  assert.equal((await transcripts).at(-1)?.text, "slow");
});

const BAD: Readonly<Record<string, readonly [code: string, (client: Client) => Promise<unknown>]>> = {
  "hangs up before the end": ["UNAVAILABLE", (client) => client.until("audio-start")],
  "hangs up after the end": ["UNAVAILABLE", (client) => client.until("audio-stop")],
  "never answers": ["TIMEOUT", (client) => client.gone()],
  "answers garbage": ["MODEL_ERROR", async (client) => {
    await client.write(["garbage\n"]);
    await client.gone();
  }],
  "answers without text": ["MODEL_ERROR", async (client) => {
    await client.say("transcript", { text: null });
    await client.gone();
  }],
  "fails": ["MODEL_ERROR", async (client) => {
    await client.say("error", { text: "out of memory" });
    await client.gone();
  }],
  "never comes to an end": ["MODEL_ERROR", async (client) => {
    for (let i = 0; i < 30; i++) await client.say("transcript-chunk", { text: "la ".repeat(10_000) });
    await client.gone();
  }],
};

for (const [what, [code, transcribe]] of Object.entries(BAD)) {
  Deno.test(`stt wyoming: a server that ${what} is ${code}`, async () => {
    await using server = wyomingServer(recogniser(transcribe));
    await assertFails(
      Array.fromAsync(ask(server, { options: { timeout_ms: code === "TIMEOUT" ? 200 : 10_000 } })),
      code,
    );
  });
}

Deno.test("stt wyoming: sound that fails is told as it failed", async () => {
  const microphone = new TestMicrophone();
  await using server = wyomingServer(answering("x"));
  const transcripts = Array.fromAsync(ask(server, { audio: microphone.audio }));
  microphone.hear(1);
  const lost = new Error("unplugged");
  microphone.end(lost);
  await assert.rejects(transcripts, (error) => error === lost);
});

for (const when of ["before a sound", "while the user speaks", "while the server thinks"]) {
  Deno.test(`stt wyoming: an abort ${when} rejects at once and closes the connection`, async () => {
    const gone = Promise.withResolvers<void>();
    const thinking = Promise.withResolvers<void>();
    await using server = wyomingServer(recogniser(async (client) => {
      await client.until(when === "while the server thinks" ? "audio-stop" : "audio-chunk");
      thinking.resolve();
      await client.gone();
      gone.resolve();
    }));
    const microphone = new TestMicrophone();
    const controller = new AbortController();
    const settings = wyoming.options.parse({ ...server.address, timeout_ms: 60_000 });
    await using stt = await wyoming.load(settings, { signal: forever });
    const transcripts = Array.fromAsync(stt.transcribe(microphone.audio, { signal: controller.signal }));
    transcripts.catch(() => {});
    if (when !== "before a sound") {
      microphone.hear(1);
      if (when === "while the server thinks") microphone.end();
      await thinking.promise;
    }
    controller.abort("barge_in");
    await assert.rejects(transcripts, (reason) => reason === "barge_in");
    if (when !== "before a sound") await gone.promise;
    microphone.end();
  });
}

Deno.test("stt wyoming: a consumer that leaves early closes the connection", async () => {
  const gone = Promise.withResolvers<void>();
  const microphone = new TestMicrophone();
  await using server = wyomingServer(recogniser(async (client) => {
    await client.until("audio-chunk");
    await client.say("transcript-chunk", { text: "well" });
    await client.gone();
    gone.resolve();
  }));
  microphone.hear(1);
  for await (const { text } of ask(server, { audio: microphone.audio })) {
    assert.equal(text, "well");
    break;
  }
  await gone.promise;
  microphone.end();
});
