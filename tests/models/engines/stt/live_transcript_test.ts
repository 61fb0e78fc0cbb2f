import assert from "node:assert/strict";
import { transcribeLive, type Utterance } from "../../../../models/engines/stt/live_transcript.ts";
import type { AudioFrame } from "../../../../pipeline/audio.ts";
import { channel } from "../../../../pipeline/channel.ts";
import type { Transcript } from "../../../../pipeline/engines.ts";

const frame = (ms: number): AudioFrame => ({
  samples: new Float32Array(ms * 16),
  sampleRateHz: 16_000,
  startMs: 0,
  gap: false,
});

/** An utterance that notes how much it is given, and reads for as long as it is told to. */
function slowUtterance() {
  const given: string[] = [];
  let reading = Promise.withResolvers<void>();
  let started = Promise.withResolvers<void>();
  const note = (kind: string, final: boolean) => async (samples: Float32Array): Promise<Transcript> => {
    given.push(`${kind} ${samples.length / 16}`);
    started.resolve();
    await reading.promise;
    return { text: "", stableChars: 0, final, audioMs: 0 };
  };
  const utterance: Utterance = { read: note("read", false), finish: note("finish", true) };
  return {
    given,
    utterance,
    started: () => started.promise,
    /** Ends the reading under way. */
    free() {
      started = Promise.withResolvers();
      const { resolve } = reading;
      reading = Promise.withResolvers();
      resolve();
    },
  };
}

/** Lets everything happen that can. */
const settled = () => new Promise((resolve) => setTimeout(resolve));

function setUp() {
  const controller = new AbortController();
  const { signal } = controller;
  const microphone = channel<AudioFrame>({ capacity: Infinity, signal: new AbortController().signal });
  const slow = slowUtterance();
  const all = Array.fromAsync(transcribeLive(microphone, { utterance: slow.utterance, stepMs: 100, signal }));
  return { controller, microphone, slow, all };
}

Deno.test("live transcript: a slow model reads all that has come meanwhile, and never falls behind", async () => {
  const { microphone, slow, all } = setUp();
  microphone.trySend(frame(60));
  microphone.trySend(frame(60));
  await slow.started();
  assert.deepEqual(slow.given, ["read 120"]);
  for (let n = 0; n < 10; n++) microphone.trySend(frame(60));
  await settled();
  slow.free();
  await slow.started();
  assert.deepEqual(slow.given, ["read 120", "read 600"]);
  microphone.trySend(frame(60));
  microphone.close();
  await settled();
  slow.free();
  await slow.started();
  slow.free();
  assert.equal((await all).length, 3);
  assert.deepEqual(slow.given, ["read 120", "read 600", "finish 60"]);
});

Deno.test("live transcript: once the audio has ended only the final reading is left to do", async () => {
  const { microphone, slow, all } = setUp();
  microphone.trySend(frame(120));
  await slow.started();
  for (let n = 0; n < 10; n++) microphone.trySend(frame(60));
  microphone.close();
  await settled();
  slow.free();
  await slow.started();
  slow.free();
  assert.deepEqual((await all).map(({ final }) => final), [false, true]);
  assert.deepEqual(slow.given, ["read 120", "finish 600"]);
});

Deno.test("live transcript: an abort while a reading is under way rejects with its reason", async () => {
  for (const final of [false, true]) {
    const { controller, microphone, slow, all } = setUp();
    microphone.trySend(frame(120));
    if (final) microphone.close();
    await slow.started();
    controller.abort("enough");
    slow.free();
    await assert.rejects(all, (reason) => reason === "enough");
    assert.equal(slow.given.length, 1);
  }
});
