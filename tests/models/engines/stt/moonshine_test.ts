import assert from "node:assert/strict";
import { concatSamples } from "../../../../pipeline/audio.ts";
import { recording } from "../../../support/recordings.ts";
import { finalOf, heardByPipeline, KNOWN, live, loadSmall } from "./heard_speech.ts";

const silence = (ms: number) => new Float32Array(ms * 16);
const load = () => loadSmall("moonshine", "moonshine");
const texts = Object.values(KNOWN);
const sounds = await Promise.all(Object.keys(KNOWN).map(recording));
// It allows itself fewer tokens than the model's authors: on short recordings, fewer than these sentences have.
const heard = await heardByPipeline("moonshine", sounds, { max_new_tokens: 30 });

Deno.test("moonshine: the final transcript is what transformers.js makes of all the sound", async () => {
  await using stt = await load();
  assert.deepEqual(heard, texts);
  for (const [index, samples] of sounds.entries()) {
    const { text, stableChars, confidence, ...rest } = await finalOf(stt, samples);
    assert.equal(text, heard[index]);
    assert.equal(stableChars, text.length);
    assert.ok(confidence! > 0.5 && confidence! <= 1, `${confidence}`);
    assert.deepEqual(rest, { final: true, audioMs: samples.length / 16 }, "no times, no language");
  }
});

Deno.test("moonshine: quiet around speech changes nothing", async () => {
  await using stt = await load();
  for (const [index, samples] of sounds.entries()) {
    const { text } = await finalOf(stt, concatSamples([silence(3000), samples, silence(3000)]));
    assert.equal(text, texts[index]);
  }
});

Deno.test("moonshine: what is called stable stays while the user speaks", async () => {
  await using stt = await load();
  for (const samples of sounds) {
    const all = await Array.fromAsync(live(stt, concatSamples([samples, silence(1000)]), 320));
    const final = all.at(-1)!;
    assert.ok(all.length > 3);
    for (const { text, stableChars } of all) assert.ok(final.text.startsWith(text.slice(0, stableChars)));
  }
});

Deno.test("moonshine: nothing is understood in silence and noise, and the shortest sound does no harm", async () => {
  await using stt = await load();
  for (const samples of [silence(0), silence(40_000), await recording("speech/pink_noise.wav")]) {
    assert.equal((await finalOf(stt, samples)).text, "");
  }
  const knock = silence(200);
  knock.set(sounds[0]!.subarray(4000, 4000 + 70 * 16), 1600);
  assert.equal((await finalOf(stt, knock)).audioMs, 200);
});

Deno.test("moonshine: a minute that comes at once is read to its end", async () => {
  await using stt = await load();
  const samples = concatSamples(Array.from({ length: 24 }, () => concatSamples([sounds[1]!, silence(600)])));
  assert.ok(samples.length > 60 * 16_000);
  const { text, audioMs } = await finalOf(stt, samples);
  assert.ok(text.length > 0 && audioMs === samples.length / 16);
});
