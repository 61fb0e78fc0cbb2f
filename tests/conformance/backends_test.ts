/** Every way of reaching sound runs one suite, on virtual devices where it needs some. */
import assert from "node:assert/strict";
import { concatSamples, durationMs, type Loudspeaker, type Microphone } from "../../pipeline/audio.ts";
import { systemClock } from "../../pipeline/clock.ts";
import { alsaBackend } from "../../src/audio/alsa.ts";
import { type BackendName, BACKENDS } from "../../src/audio/choose.ts";
import type { AudioBackend } from "../../src/audio/device.ts";
import { nullBackend } from "../../src/audio/null.ts";
import { pulseBackend } from "../../src/audio/pulse.ts";
import { encodeWav, readWav, wavBackend } from "../../src/audio/wav.ts";
import { webAudioBackend } from "../../src/audio/web_audio.ts";
import { hasVirtualAudio, virtualAudio } from "../support/virtual_audio.ts";

/** A backend with whatever it needs around it. */
interface Stage extends AsyncDisposable {
  readonly backend: AudioBackend;
  /** A tone is to be heard from the microphone. */
  readonly hears: boolean;
}

const clock = systemClock;
const RATE_HZ = 16_000;
const tone = (ms: number) =>
  Float32Array.from(
    { length: RATE_HZ * ms / 1000 },
    (_, i) => 0.3 * Math.sin(2 * Math.PI * 440 * i / RATE_HZ),
  );

async function onRoom(make: (environment: Readonly<Record<string, string>>) => AudioBackend): Promise<Stage> {
  const room = await virtualAudio();
  // ALSA programs reach the room through ALSA's own plugin for PulseAudio.
  const config = `${room.environment.XDG_RUNTIME_DIR}/asound.conf`;
  await Deno.writeTextFile(config, "pcm.!default pulse\nctl.!default pulse\npcm.pulse { type pulse }\n");
  const path = `/usr/share/alsa/alsa.conf:${config}`;
  const backend = make({ ...room.environment, ALSA_CONFIG_PATH: path });
  const speaking = room.speak({ samples: tone(6000), sampleRateHz: RATE_HZ }).catch(() => {});
  return {
    backend,
    hears: true,
    async [Symbol.asyncDispose]() {
      await room[Symbol.asyncDispose]();
      await speaking;
    },
  };
}

/** How each backend is put on stage; undefined where that cannot be done here. */
const STAGES: Readonly<Record<BackendName, (() => Promise<Stage>) | undefined>> = {
  pulse: () => onRoom((environment) => pulseBackend({ clock, environment })),
  alsa: () => onRoom((environment) => alsaBackend({ clock, environment })),
  // Takes the machine's own devices and cannot be pointed at virtual ones: its contract is held by the type alone.
  web_audio: undefined,
  wav: async () => {
    const folder = await Deno.makeTempDir();
    const input = `${folder}/in.wav`;
    await Deno.writeFile(input, encodeWav({ samples: tone(6000), sampleRateHz: RATE_HZ }));
    return {
      backend: wavBackend({ clock, input, output: `${folder}/out.wav` }),
      hears: true,
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
  },
  null: () =>
    Promise.resolve({
      backend: nullBackend({ clock }),
      hears: false,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
};

for (const name of Object.keys(BACKENDS) as BackendName[]) {
  const stage = STAGES[name];
  if (!stage) continue;
  const ignore = (name === "pulse" || name === "alsa") && !hasVirtualAudio();
  Deno.test({
    name: `backends: ${name} hears at the asked rate, plays, counts, drains and cuts`,
    ignore,
    async fn() {
      await using on = await stage();
      if (on.hears) await hears(on.backend.microphone());
      await plays(on.backend.loudspeaker());
      await cuts(on.backend.loudspeaker());
    },
  });
}

async function hears(microphone: Microphone): Promise<void> {
  const controller = new AbortController();
  const parts: Float32Array[] = [];
  let heardMs = 0;
  const startedMs = clock.now();
  await assert.rejects(
    async () => {
      let expectedMs: number | undefined;
      for await (const frame of microphone.open({ signal: controller.signal, sampleRateHz: RATE_HZ })) {
        assert.equal(frame.sampleRateHz, RATE_HZ);
        assert.ok(Math.abs(frame.startMs - (expectedMs ?? frame.startMs)) < 100, "frames follow one another");
        expectedMs = frame.startMs + durationMs(frame);
        parts.push(frame.samples);
        heardMs += durationMs(frame);
        if (heardMs >= 800) controller.abort("enough");
      }
    },
    (reason) => reason === "enough",
  );
  assert.ok(clock.now() - startedMs > 600, "a microphone hears at the pace of life");
  const samples = concatSamples(parts);
  const loudest = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
  assert.ok(loudest > 0.2 && loudest < 0.4, `loudest sample ${loudest}`);
  const crossings = samples.filter((sample, i) => i > 0 && (sample >= 0) !== (samples[i - 1]! >= 0)).length;
  const voicedSeconds = samples.filter((sample) => sample !== 0).length / RATE_HZ;
  assert.ok(Math.abs(crossings / 2 / voicedSeconds - 440) < 15, `${crossings / 2 / voicedSeconds} Hz`);
}

async function plays(loudspeaker: Loudspeaker): Promise<void> {
  const { signal } = new AbortController();
  await using playback = await loudspeaker.open({ signal, sampleRateHz: RATE_HZ });
  const startedMs = clock.now();
  for (let i = 0; i < 5; i++) {
    await playback.write({ samples: tone(100), sampleRateHz: RATE_HZ, startMs: 0, gap: false });
  }
  await playback.drain();
  assert.ok(clock.now() - startedMs >= 490, "playing takes as long as the sound is");
  assert.ok(await playback.started >= startedMs);
  assert.ok(Math.abs(playback.playedMs - 500) < 1, `played ${playback.playedMs}`);
  assert.ok((await playback.cut()).heardMs >= 499, "a cut after the end takes nothing back");
}

async function cuts(loudspeaker: Loudspeaker): Promise<void> {
  const { signal } = new AbortController();
  const playback = await loudspeaker.open({ signal, sampleRateHz: RATE_HZ });
  for (let i = 0; i < 5; i++) {
    await playback.write({ samples: tone(100), sampleRateHz: RATE_HZ, startMs: 0, gap: false });
  }
  const { heardMs } = await playback.cut();
  assert.ok(heardMs > 0 && heardMs < 500, `heard ${heardMs} of 500`);
  assert.equal((await playback.cut()).heardMs, heardMs);
  await playback[Symbol.asyncDispose]();
}

Deno.test("backends: wav records what was spoken", async () => {
  const folder = await Deno.makeTempDir();
  const { signal } = new AbortController();
  const playback = await wavBackend({ clock, output: `${folder}/out.wav` }).loudspeaker().open({
    signal,
    sampleRateHz: RATE_HZ,
  });
  await playback.write({ samples: tone(100), sampleRateHz: RATE_HZ, startMs: 0, gap: false });
  const during = await readWav(`${folder}/out.wav`);
  assert.equal(during.samples.length, RATE_HZ / 10, "the file is whole while it is being written");
  await playback.drain();
  assert.ok(during.samples.every((sample, i) => Math.abs(sample - tone(100)[i]!) < 1e-3));
  await Deno.remove(folder, { recursive: true });
});

Deno.test("backends: null has no microphone", async () => {
  const frames = nullBackend({ clock }).microphone().open({
    signal: new AbortController().signal,
    sampleRateHz: RATE_HZ,
  });
  await assert.rejects(frames[Symbol.asyncIterator]().next(), { code: "DEVICE_ERROR" });
});

Deno.test("backends: web_audio is made without loading its native library", () => {
  assert.equal(webAudioBackend({ clock }).name, "Web Audio");
});
