import assert from "node:assert/strict";
import { type AudioFrame, concatSamples, type Microphone } from "../../../pipeline/audio.ts";
import { ClientMicrophone } from "../../../src/audio/client_microphone.ts";
import { ScriptedMicrophone } from "../../../src/audio/scripted_microphone.ts";
import { SwitchableMicrophone } from "../../../src/audio/switchable_microphone.ts";
import { encodeWav, parseWav } from "../../../src/audio/wav.ts";
import { createResampler, resample } from "../../../models/resample.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";

/** A microphone that gives one frame of `value` and then waits. */
function steady(value: number): Microphone {
  return {
    async *open({ signal, sampleRateHz }) {
      yield { samples: new Float32Array(160).fill(value), sampleRateHz, startMs: 0, gap: false };
      await new Promise((_, reject) => {
        if (signal.aborted) reject(signal.reason);
        signal.addEventListener("abort", () => reject(signal.reason));
      });
    },
  };
}

/** Collects what a microphone gives until the test ends it. */
function listen(microphone: Microphone) {
  const session = new AbortController();
  const frames: AudioFrame[] = [];
  const ended = (async () => {
    try {
      for await (const frame of microphone.open({ signal: session.signal, sampleRateHz: 16_000 })) {
        frames.push(frame);
      }
    } catch (error) {
      if (!session.signal.aborted) throw error;
    }
  })();
  return {
    frames,
    async [Symbol.asyncDispose]() {
      session.abort("over");
      await ended;
    },
  };
}

Deno.test("switchable microphone: hears what is chosen, each time after a gap", async () => {
  const microphone = new SwitchableMicrophone(steady(0.25));
  await using heard = listen(microphone);
  await settle();
  const second = microphone.use(steady(0.5));
  await settle();
  const third = microphone.use(steady(0.75));
  await settle();
  second[Symbol.dispose](); // Not being heard any more: nothing changes.
  await settle();
  third[Symbol.dispose]();
  await settle();
  assert.deepEqual(heard.frames.map(({ samples, gap }) => [samples[0], gap]), [
    [0.25, true],
    [0.5, true],
    [0.75, true],
    [0.25, true],
  ]);
});

Deno.test("client microphone: replaces the session's own while it is on, at its own rate", async () => {
  const clock = new FakeClock();
  const session = new SwitchableMicrophone(steady(0.25));
  const client = new ClientMicrophone(session, clock);
  await using heard = listen(session);
  const superseded = client.start(16_000);
  const sound = client.start(8000);
  assert.throws(() => superseded.push(new Uint8Array(4)), { code: "CONFLICT" });
  for (const wrong of [new Uint8Array(3), new Uint8Array(0), new Uint8Array(8000 * 2 * 3)]) {
    assert.throws(() => sound.push(wrong), { code: "VALIDATION_ERROR" });
  }
  const pushed = () => heard.frames.find((frame) => frame.samples[frame.samples.length >> 1]! > 0.25);
  for (let i = 0; i < 400 && !pushed(); i++) {
    sound.push(new Uint8Array(1600).fill(0x30));
    // The resampler is loaded off the microtask queue, where the fake clock cannot see it.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.ok(pushed(), "what is pushed is heard");
  assert.equal(heard.frames.at(-1)!.sampleRateHz, 16_000, "whoever listens gets the rate that was asked for");
  superseded[Symbol.dispose]();
  assert.equal(client.active, true);
  sound[Symbol.dispose]();
  await settle();
  assert.equal(client.active, false);
  assert.equal(heard.frames.at(-1)!.samples[0], 0.25, "the session's own is heard again");
});

Deno.test("scripted microphone: speaks its lines at the pace of life, in silence", async () => {
  const clock = new FakeClock();
  const microphone = new ScriptedMicrophone(clock);
  await using heard = listen(microphone);
  await clock.advance(100);
  let said = false;
  microphone.say(new Float32Array(1600).fill(0.5), new AbortController().signal).then(() => said = true);
  await clock.advance(60);
  assert.equal(said, false);
  await clock.advance(100);
  assert.equal(said, true);
  const voiced = heard.frames.filter((frame) => frame.samples[0] === 0.5);
  assert.equal(voiced.length, 5);
  for (const [index, frame] of heard.frames.entries()) {
    assert.ok(Math.abs(frame.startMs - heard.frames[0]!.startMs - index * 20) < 1e-6);
  }
});

Deno.test("resample: keeps length, level and pitch, at once or in stretches", async () => {
  const tone = (rate: number) =>
    Float32Array.from({ length: rate }, (_, i) => 0.5 * Math.sin(2 * Math.PI * 313 * i / rate));
  for (const from of [8000, 22_050, 44_100, 48_000]) {
    using stretches = await createResampler(from, 16_000);
    const whole = await resample(tone(from), from, 16_000);
    assert.ok(Math.abs(whole.length - 16_000) <= 50, `${whole.length}`);
    const parts: Float32Array[] = [];
    for (let at = 0; at < from; at += from / 50) {
      parts.push(stretches.push(tone(from).slice(at, at + from / 50)));
    }
    const joined = concatSamples([...parts, stretches.end()]);
    assert.equal(joined.length, 16_000);
    const expected = tone(16_000);
    const errorOf = (samples: Float32Array) =>
      samples.slice(1000, 15_000).reduce((max, v, i) => Math.max(max, Math.abs(v - expected[i + 1000]!)), 0);
    assert.ok(errorOf(whole) < 0.02, `from ${from}: ${errorOf(whole)}`);
    assert.ok(errorOf(joined) < 0.02, `from ${from}, in stretches: ${errorOf(joined)}`);
  }
});

Deno.test("wav: survives the way there and back; what is no WAV is told so", () => {
  const samples = Float32Array.from([0, 0.25, -0.5, 0.99]);
  const back = parseWav(encodeWav({ samples, sampleRateHz: 22_050 }));
  assert.equal(back.sampleRateHz, 22_050);
  for (const [index, sample] of samples.entries()) assert.ok(Math.abs(back.samples[index]! - sample) < 1e-4);
  for (
    const wrong of [
      new Uint8Array(0),
      new Uint8Array(100),
      new TextEncoder().encode("RIFF but not really a WAVE"),
    ]
  ) {
    assert.throws(() => parseWav(wrong), { code: "VALIDATION_ERROR" });
  }
});
