/** Evaluation with engines: frames that wait for the engine, and the starter's own on recordings. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { evaluateHearing } from "../../../models/eval/hearing.ts";
import { readGrowing } from "../../../models/eval/reading.ts";
import { recordedSets } from "../../../models/eval/test_sets.ts";
import { loadEngine } from "../../../models/load_engine.ts";
import { starterChoice } from "../../../models/selection.ts";
import { durationMs } from "../../../pipeline/audio.ts";
import type { SpeechToText } from "../../../pipeline/engines.ts";

const SPEECH = fileURLToPath(new URL("../../fixtures/speech", import.meta.url));

Deno.test("eval: a growing utterance comes in frames of 20 ms, and no step before the last one was read", async () => {
  const toldAt: number[] = [];
  let heardMs = 0;
  const stt: SpeechToText = {
    async *transcribe(audio) {
      const transcript = { text: "", stableChars: 0 };
      for await (const frame of audio) {
        assert.ok(durationMs(frame) <= 20);
        assert.equal(frame.startMs, heardMs);
        heardMs += durationMs(frame);
        if (heardMs % 160 !== 0) continue;
        // What comes without waiting would have been heard by now.
        await new Promise((resolve) => setTimeout(resolve, 0));
        toldAt.push(heardMs);
        yield { ...transcript, final: false, audioMs: heardMs };
      }
      yield { ...transcript, final: true, audioMs: heardMs };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const { signal } = new AbortController();
  const transcripts = await readGrowing(stt, new Float32Array(8000), { stepMs: 160, signal });
  assert.equal(heardMs, 1000, "with half a second of quiet behind");
  assert.deepEqual(toldAt, [160, 320, 480, 640, 800, 960]);
  assert.deepEqual(transcripts.map(({ final }) => final), [...toldAt.map(() => false), true]);
});

Deno.test("eval: the starter's recogniser, on three recordings, one of them with a text that nobody says", async () => {
  const [clean] = await recordedSets(SPEECH);
  assert.equal(clean!.utterances.length, 61, "all but the noise, which has no text");
  const [time, timer, sum] = clean!.utterances;
  assert.equal(timer!.text, "set a timer for ten minutes");
  const liar = { ...sum!, text: "nobody says anything like these words" };
  const { signal } = new AbortController();
  await using stt = await loadEngine("stt", starterChoice("stt"), { signal });
  const told: string[] = [];
  const { sets, doubts, realTimeFactor } = await evaluateHearing({
    stt,
    stepMs: 160,
    sets: [{ ...clean!, utterances: [time!, timer!, liar] }],
    signal,
    onProgress: (name, done, total) => told.push(`${name} ${done}/${total}`),
  });
  assert.deepEqual(told, ["speech 1/3", "speech 2/3", "speech 3/3"]);
  const { utterances, exactlyRight, words, wordsWrong, steadiness } = sets[0]!;
  assert.deepEqual([utterances, exactlyRight, words], [3, 2, 16]);
  assert.ok(wordsWrong >= 5 && wordsWrong <= 6, `${wordsWrong}`);
  assert.equal(doubts.wrong, 1);
  assert.ok(
    steadiness!.words >= 10 && steadiness!.steady > steadiness!.words / 2,
    JSON.stringify(steadiness),
  );
  assert.ok(realTimeFactor > 0 && Number.isFinite(realTimeFactor));
});
