import assert from "node:assert/strict";
import type { AudioFrame } from "../../../pipeline/audio.ts";
import { systemClock } from "../../../pipeline/clock.ts";
import { openMachineAudio } from "../../../src/audio/machine.ts";
import { until } from "../../support/server_stage.ts";
import { hasVirtualAudio, virtualAudio } from "../../support/virtual_audio.ts";

const RATE_HZ = 16_000;
const loudest = (samples: Float32Array) =>
  samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);

Deno.test({
  name: "machine: other devices are heard at once, after a gap, and spoken through from the next answer on",
  ignore: !hasVirtualAudio(),
  async fn() {
    await using room = await virtualAudio();
    const ending = new AbortController();
    const options = { clock: systemClock, signal: ending.signal, environment: room.environment };
    const audio = await openMachineAudio(
      { backend: "pulse", input: "microphone", output: "loudspeaker" },
      options,
    );
    const frames: AudioFrame[] = [];
    const listening = (async () => {
      for await (const frame of audio.microphone!.open({ signal: ending.signal, sampleRateHz: RATE_HZ })) {
        frames.push(frame);
      }
    })().catch(() => {});
    await until(() => frames.length > 5);
    await assert.rejects(audio.select({ input: "nowhere", output: "mouth" }), { code: "NOT_FOUND" });
    assert.deepEqual(audio.selected, { input: "microphone", output: "loudspeaker" }, "all of it or nothing");

    await audio.select({ input: "second_microphone", output: "mouth" });
    assert.deepEqual(audio.selected, { input: "second_microphone", output: "mouth" });
    const before = frames.length;
    await until(() => frames.slice(before).some(({ gap }) => gap));

    const recording = await room.record();
    {
      await using playback = await audio.loudspeaker.open({ signal: ending.signal, sampleRateHz: RATE_HZ });
      const samples = Float32Array.from({ length: RATE_HZ / 2 }, (_, i) => 0.5 * Math.sin(i / 5));
      await playback.write({ samples, sampleRateHz: RATE_HZ, startMs: 0, gap: false });
      await playback.drain();
    }
    const { microphone: mouth, loudspeaker } = await recording.stop();
    assert.ok(loudest(mouth) > 0.3, `${loudest(mouth)}`);
    assert.ok(loudest(loudspeaker) < 0.01, `${loudest(loudspeaker)}`);
    ending.abort();
    await listening;
  },
});
