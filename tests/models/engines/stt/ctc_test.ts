import assert from "node:assert/strict";
import { loadEngine } from "../../../../models/host.ts";
import { starterChoice } from "../../../../models/selection.ts";
import { type AudioFrame, concatSamples } from "../../../../pipeline/audio.ts";
import { channel } from "../../../../pipeline/channel.ts";
import type { SpeechToText, Transcript } from "../../../../pipeline/engines.ts";
import { recording } from "../../../support/recordings.ts";

const forever = new AbortController().signal;
const FRAME_SAMPLES = 512;
/** Sentences in voices that the starter model was never trained on, which it reads right at any level. */
const SENTENCES = {
  "speech/michael_time.wav": "what time is it",
  "speech/steph2_timer.wav": "set a timer for ten minutes",
  "speech/grandpa_joke.wav": "tell me a joke please",
  "speech/m7_day.wav": "what day is it today",
} as const;

const load = () => loadEngine("stt", starterChoice("stt"), { signal: forever });

function framesOf(samples: Float32Array): AudioFrame[] {
  return Array.from({ length: Math.ceil(samples.length / FRAME_SAMPLES) }, (_, index) => ({
    samples: samples.slice(index * FRAME_SAMPLES, (index + 1) * FRAME_SAMPLES),
    sampleRateHz: 16_000,
    startMs: index * FRAME_SAMPLES / 16,
    gap: false,
  }));
}

async function* streamOf(frames: readonly AudioFrame[]): AsyncIterable<AudioFrame> {
  yield* frames;
}

/** Reads `samples` as if they came in step with the readings: each new stretch once the one before is read. */
async function* live(stt: SpeechToText, samples: Float32Array, stepMs = 160): AsyncIterable<Transcript> {
  const audio = channel<AudioFrame>({ capacity: Infinity, signal: forever });
  let given = 0;
  const giveStep = () => {
    const next = samples.slice(given, given += stepMs * 16);
    audio.trySend({ samples: next, sampleRateHz: 16_000, startMs: given / 16, gap: false });
    if (given >= samples.length) audio.close();
  };
  giveStep();
  for await (const transcript of stt.transcribe(audio, { signal: forever })) {
    yield transcript;
    if (given < samples.length) giveStep();
  }
}

const silence = (ms: number) => new Float32Array(ms * 16);
const finalOf = (stt: SpeechToText, samples: Float32Array) =>
  Array.fromAsync(stt.transcribe(streamOf(framesOf(samples)), { signal: forever })).then((all) =>
    all.at(-1)!
  );

Deno.test("ctc: sentences in voices never trained on are understood, loud and soft", async () => {
  await using stt = await load();
  for (const [file, sentence] of Object.entries(SENTENCES)) {
    const samples = concatSamples([silence(300), await recording(file), silence(300)]);
    for (const gain of [1, 0.25]) {
      const { text, confidence } = await finalOf(stt, samples.map((sample) => sample * gain));
      assert.equal(text, sentence);
      assert.ok(confidence! > 0.5, `${sentence}: ${confidence}`);
    }
  }
});

Deno.test("ctc: a transcript comes with every step of audio, also when nothing has changed", async () => {
  await using stt = await load();
  const samples = concatSamples([await recording("speech/michael_time.wav"), silence(1000)]);
  const all = await Array.fromAsync(live(stt, samples));
  const covered = all.map(({ audioMs }) => audioMs);
  covered.reduce((before, now) => {
    assert.ok(now - before <= 160, `${before} → ${now}`);
    return now;
  }, 0);
  assert.equal(covered.at(-1), samples.length / 16);
  const after = all.filter(({ audioMs }) => audioMs > samples.length / 16 - 900);
  assert.deepEqual([...new Set(after.map(({ text }) => text))], ["what time is it"], "silence adds nothing");
});

Deno.test("ctc: what is called stable stays, and grows while the user speaks", async () => {
  await using stt = await load();
  const all = await Array.fromAsync(live(stt, await recording("speech/steph2_timer.wav")));
  const final = all.at(-1)!;
  assert.deepEqual([final.final, final.stableChars], [true, final.text.length]);
  const stable = all.map(({ text, stableChars }) => text.slice(0, stableChars));
  for (const text of stable) assert.ok(final.text.startsWith(text), `"${text}" was not stable`);
  assert.ok(stable.slice(0, -1).some((text) => text.length > 0), "some of it is stable before the end");
});

Deno.test("ctc: words have times in order, within the speech", async () => {
  await using stt = await load();
  const speech = await recording("speech/michael_time.wav");
  const { words, text, audioMs } = await finalOf(stt, concatSamples([silence(1000), speech]));
  assert.equal(words!.map(({ word }) => word).join(" "), text);
  let beforeMs = 1000 - 100; // A CTC model may give a token a little early.
  for (const { startMs, endMs } of words!) {
    assert.ok(startMs >= beforeMs && endMs > startMs && endMs <= audioMs, `${startMs} → ${endMs}`);
    beforeMs = startMs;
  }
});

Deno.test("ctc: no audio and silence give one final empty transcript, however long", async () => {
  await using stt = await load();
  for (const ms of [0, 3, 500, 30_000]) {
    const { text, final, audioMs, words, stableChars } = await finalOf(stt, silence(ms));
    assert.deepEqual({ text, final, audioMs, words, stableChars }, {
      text: "",
      final: true,
      audioMs: ms,
      words: [],
      stableChars: 0,
    });
  }
});

Deno.test("ctc: a long monologue is read to the end, with nothing lost where it is cut", async () => {
  await using stt = await load();
  const sentence = concatSamples([await recording("speech/michael_time.wav"), silence(400)]);
  const times = 25;
  const samples = concatSamples(Array.from({ length: times }, () => sentence));
  const all = await Array.fromAsync(live(stt, samples, 480));
  const words = all.at(-1)!.text.split(" ");
  for (const said of ["what", "time", "is", "it"]) {
    const heard = words.filter((word) => word === said).length;
    assert.ok(Math.abs(heard - times) <= 1, `heard "${said}" ${heard} of ${times} times`);
  }
  assert.equal(all.at(-1)!.audioMs, samples.length / 16);
});

Deno.test("ctc: an abort while waiting for audio rejects with its reason", async () => {
  await using stt = await load();
  const controller = new AbortController();
  const { signal } = controller;
  const audio = channel<AudioFrame>({ capacity: 1, signal: forever });
  const transcripts = stt.transcribe(audio, { signal })[Symbol.asyncIterator]();
  const next = transcripts.next();
  controller.abort("cancelled");
  await assert.rejects(next, (reason) => reason === "cancelled");
  audio.close();
});

Deno.test("ctc: failing audio fails the transcription", async () => {
  await using stt = await load();
  async function* lost(): AsyncIterable<AudioFrame> {
    yield* framesOf(silence(100));
    throw new RangeError("unplugged");
  }
  await assert.rejects(Array.fromAsync(stt.transcribe(lost(), { signal: forever })), /unplugged/);
});
