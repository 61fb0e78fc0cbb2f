import assert from "node:assert/strict";
import { toFile } from "openai";
import wavefile from "wavefile";
import type { AudioFrame } from "../../../pipeline/audio.ts";
import { concatSamples } from "../../../pipeline/audio.ts";
import type { SpeechToText, Transcript } from "../../../pipeline/engines.ts";
import { quietestPlace } from "../../../src/services/recording.ts";
import { openWav } from "../../../src/services/wav_file.ts";
import { fakeEngines } from "../../support/fake_engines.ts";
import { failing, serviceStage } from "../../support/service_stage.ts";

const RATE_HZ = 16_000;
type Depth = "8" | "16" | "24" | "32" | "32f" | "64";

/** A WAV file as another library writes it: a tone of 440 Hz at half the full level, the same on each channel. */
function toneFile(depth: Depth, rateHz: number, channels: number, seconds = 1): Uint8Array<ArrayBuffer> {
  const isFloat = depth === "32f" || depth === "64";
  const full = isFloat ? 1 : 2 ** (Number(depth) - 1) - 1;
  const tone = Float64Array.from(
    { length: rateHz * seconds },
    (_, i) => full * 0.5 * Math.sin(2 * Math.PI * 440 * i / rateHz) + (depth === "8" ? 128 : 0),
  ).map((value) => isFloat ? value : Math.round(value));
  const wav = new wavefile.WaveFile();
  // Its types know of one channel only.
  const samples: unknown = channels === 1 ? tone : Array(channels).fill(tone);
  wav.fromScratch(channels, rateHz, depth, samples as Float64Array);
  return new Uint8Array(wav.toBuffer());
}

/** Speech-to-text that keeps what it hears and says what is written down, word by word. */
function listener(words: readonly string[] = ["hello", "there"]) {
  const heard: Float32Array[] = [];
  const languages: (string | undefined)[] = [];
  const stt: SpeechToText = {
    async *transcribe(audio, { language }): AsyncIterable<Transcript> {
      languages.push(language);
      const frames: AudioFrame[] = await Array.fromAsync(audio);
      heard.push(concatSamples(frames.map(({ samples }) => samples)));
      for (let count = 1; count <= words.length; count++) {
        const text = words.slice(0, count).join(" ");
        const final = count === words.length;
        yield {
          text,
          final,
          stableChars: final ? text.length : words.slice(0, count - 1).join(" ").length,
          audioMs: 0,
          confidence: 0.5,
          words: words.slice(0, count).map((word, i) => ({ word, startMs: i * 1000, endMs: i * 1000 + 400 })),
        };
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { heard, languages, engines: { stt } };
}

const wav = (bytes: Uint8Array<ArrayBuffer>) => toFile(bytes, "speech.wav", { type: "audio/wav" });

Deno.test("transcriptions: every format is heard as the sound that it holds", async () => {
  const { heard, engines } = listener();
  await using on = await serviceStage({ engines });
  const formats: [Depth, number, number][] = [
    ["8", 8000, 1],
    ["16", 16_000, 1],
    ["16", 44_100, 2],
    ["24", 48_000, 2],
    ["32", 22_050, 1],
    ["32f", 192_000, 1],
    ["64", 11_025, 6],
  ];
  for (const [depth, rateHz, channels] of formats) {
    const file = await wav(toneFile(depth, rateHz, channels));
    const { text } = await on.client.audio.transcriptions.create({ model: "default", file });
    assert.equal(text, "hello there");
    const samples = heard.at(-1)!;
    const name = `${depth} bits, ${rateHz} Hz, ${channels} channels`;
    assert.equal(samples.length, RATE_HZ, name);
    const errorAt = (i: number) => Math.abs(samples[i]! - 0.5 * Math.sin(2 * Math.PI * 440 * i / RATE_HZ));
    for (let i = 100; i < RATE_HZ - 100; i++) {
      assert.ok(errorAt(i) < (depth === "8" ? 0.02 : 0.002), `${name}: ${errorAt(i)} at ${i}`);
    }
  }
  const cutOff = toneFile("16", RATE_HZ, 1).slice(0, -1000);
  await on.client.audio.transcriptions.create({ model: "default", file: await wav(cutOff) });
  assert.equal(heard.at(-1)!.length, RATE_HZ - 500, "a file that claims more than it has");
});

Deno.test("transcriptions: every form of answer", async () => {
  const { languages, engines } = listener(["hello", "there"]);
  await using on = await serviceStage({ engines });
  const file = toneFile("16", RATE_HZ, 1, 2);
  const ask = async (more: object) =>
    await on.client.audio.transcriptions.create({
      model: "fake-stt",
      file: await wav(file),
      ...more,
    }) as unknown;
  assert.deepEqual(await ask({ language: "en" }), {
    text: "hello there",
    usage: { type: "duration", seconds: 2 },
  });
  assert.deepEqual(languages, ["en"]);
  assert.equal(await ask({ response_format: "text" }), "hello there\n");
  assert.equal(
    await ask({ response_format: "srt" }),
    "1\n00:00:00,000 --> 00:00:01,400\nhello there\n\n",
  );
  assert.equal(
    await ask({ response_format: "vtt" }),
    "WEBVTT\n\n00:00:00.000 --> 00:00:01.400\nhello there\n\n",
  );
  const segment = {
    id: 0,
    seek: 0,
    start: 0,
    end: 1.4,
    text: "hello there",
    tokens: [],
    temperature: 0,
    avg_logprob: Math.log(0.5),
    compression_ratio: 1,
    no_speech_prob: 0,
  };
  const whole = {
    task: "transcribe",
    duration: 2,
    text: "hello there",
    usage: { type: "duration", seconds: 2 },
  };
  assert.deepEqual(await ask({ response_format: "verbose_json" }), {
    ...whole,
    language: "und",
    segments: [segment],
  });
  assert.deepEqual(
    await ask({ response_format: "verbose_json", timestamp_granularities: ["word"], language: "en" }),
    {
      ...whole,
      language: "en",
      words: [{ word: "hello", start: 0, end: 0.4 }, { word: "there", start: 1, end: 1.4 }],
    },
  );
});

Deno.test("transcriptions: a stream tells what is certain as it becomes so", async () => {
  const { engines } = listener(["now", "this", "is", "it"]);
  await using on = await serviceStage({ engines });
  // Longer than a piece.
  const file = await wav(toneFile("8", 8000, 1, 31));
  const stream = await on.client.audio.transcriptions.create({ model: "default", file, stream: true });
  const events = await Array.fromAsync(stream);
  const deltas = events.flatMap((event) => event.type === "transcript.text.delta" ? [event.delta] : []);
  assert.deepEqual(deltas, ["now", " this", " is it", " now", " this", " is it"]);
  const last = events.at(-1)!;
  assert.ok(last.type === "transcript.text.done" && last.text === deltas.join(""));
});

Deno.test("transcriptions: a long recording is heard in pieces that are cut where it is quiet, none of it lost", async () => {
  const { heard, engines } = listener(["word"]);
  await using on = await serviceStage({ engines });
  const wave = new Int16Array(RATE_HZ * 65).map((_, i) => 8000 + i % 7);
  const quietAt = [25, 48];
  for (const second of quietAt) wave.fill(0, second * RATE_HZ, second * RATE_HZ + RATE_HZ / 5);
  const writer = new wavefile.WaveFile();
  writer.fromScratch(1, RATE_HZ, "16", wave);
  const response = await on.client.audio.transcriptions.create({
    model: "default",
    file: await wav(new Uint8Array(writer.toBuffer())),
    response_format: "verbose_json",
    timestamp_granularities: ["word", "segment"],
  });
  assert.equal(heard.length, 3);
  const starts = [0, heard[0]!.length, heard[0]!.length + heard[1]!.length];
  for (const [index, second] of quietAt.entries()) {
    const at = starts[index + 1]! / RATE_HZ;
    assert.ok(at > second && at < second + 0.2, `${at}`);
  }
  const all = concatSamples(heard);
  assert.equal(all.length, wave.length);
  assert.ok(all.every((sample, i) => Math.abs(sample - wave[i]! / 32768) < 1e-6));
  assert.equal(response.text, "word word word");
  assert.deepEqual(response.words?.map(({ start }) => start), starts.map((at) => at / RATE_HZ));
  assert.equal(response.segments?.length, 3);
  assert.equal(quietestPlace(new Float32Array(10), 0), 10, "too short to have a quiet place");
});

Deno.test("transcriptions: what cannot be heard is told with what can", async () => {
  const { heard, engines } = listener();
  await using on = await serviceStage({ engines });
  const ask = (bytes: Uint8Array<ArrayBuffer>, more: object = {}) =>
    wav(bytes).then((file) => on.client.audio.transcriptions.create({ model: "default", file, ...more }));
  const text = (value: string) => Uint8Array.from(value, (char) => char.charCodeAt(0));
  const tone = toneFile("16", RATE_HZ, 1, 1);
  const patched = (at: number, ...bytes: number[]) => {
    const copy = tone.slice();
    copy.set(bytes, at);
    return copy;
  };
  const wrong: [Uint8Array<ArrayBuffer>, RegExp][] = [
    [new Uint8Array(0), /empty file.*WAV/],
    [new Uint8Array(3), /no WAV file.*WAV/],
    [crypto.getRandomValues(new Uint8Array(5000)).fill(0, 0, 12), /no WAV file/],
    [text("ID3 and then a song"), /MP3/],
    [text("\xff\xfb\x90\x00 and then a song"), /MP3/],
    [text("OggS and then a song"), /Ogg/],
    [text("fLaC and then a song"), /FLAC/],
    [text("\x1a\x45\xdf\xa3 and then a song"), /WebM/],
    [text("\0\0\0\x20ftypM4A and so on"), /MP4/],
    [tone.slice(0, 44), /no sound/],
    [tone.slice(0, 30), /lost its beginning/],
    [patched(20, 6, 0), /format that cannot be read/],
    [patched(22, 0, 0), /format that cannot be read/],
    [patched(24, 1, 0, 0, 0), /1000 to 192000 Hz/],
    [patched(32, 0, 0), /format that cannot be read/],
  ];
  for (const [bytes, message] of wrong) {
    await assert.rejects(
      ask(bytes),
      failing(400, message, { param: "file", code: "invalid_audio" }),
      `${message}`,
    );
  }
  const notNumbers = toneFile("32f", RATE_HZ, 1);
  new DataView(notNumbers.buffer).setFloat32(notNumbers.length - 400, NaN, true);
  await assert.rejects(ask(notNumbers), failing(400, /no numbers/));
  assert.deepEqual(heard, [], "no engine was bothered");

  const refused: [object, number, RegExp][] = [
    [{ model: "whisper-1" }, 404, /no model "whisper-1".*"fake-stt"/],
    [{ model: "fake-llm" }, 404, /no model "fake-llm"/],
    [{ language: "English, please" }, 400, /language: /],
    [{ response_format: "docx" }, 400, /response_format: /],
    [{ response_format: "srt", stream: true }, 400, /response_format: .*without stream/],
    [{ timestamp_granularities: ["word"] }, 400, /timestamp_granularities: .*verbose_json/],
    [
      { response_format: "verbose_json", timestamp_granularities: ["syllable"] },
      400,
      /timestamp_granularities/,
    ],
  ];
  for (const [more, status, message] of refused) {
    await assert.rejects(ask(tone, more), failing(status, message), `${message}`);
  }
  await assert.rejects(ask(new Uint8Array(25_000_001)), failing(413, /25 MB/), "the file");
  await assert.rejects(ask(new Uint8Array(40_000_000)), failing(413, /25 MB/), "the whole request");
});

Deno.test("transcriptions: what is no form is told so", async () => {
  await using on = await serviceStage();
  const post = async (body: BodyInit, headers: Record<string, string> = {}) => {
    const response = await fetch(`${on.url}/audio/transcriptions`, { method: "POST", body, headers });
    return [response.status, (await response.json()).error.message];
  };
  const multipart = { "content-type": "multipart/form-data; boundary=x" };
  assert.deepEqual(await post("{}"), [
    400,
    "Send the recording as multipart/form-data, in a field called file.",
  ]);
  assert.match((await post("nonsense", multipart)).join(), /400,The form cannot be read/);
  const form = new FormData();
  form.set("model", "default");
  assert.match((await post(form)).join(), /400,file: the recording must be there/);
  form.set("file", "not a file");
  assert.match((await post(form)).join(), /400,file: the recording must be there/);
});

Deno.test("transcriptions: words without times are no reason to fail, unless times are asked for", async () => {
  await using on = await serviceStage({ engines: { stt: fakeEngines({ hear: () => "hello" }).stt } });
  const file = toneFile("16", RATE_HZ, 1);
  const ask = async (granularity: "word" | "segment") =>
    await on.client.audio.transcriptions.create({
      model: "default",
      file: await wav(file),
      response_format: "verbose_json",
      timestamp_granularities: [granularity],
    });
  const { segments } = await ask("segment");
  assert.deepEqual(segments?.map(({ text, start, end }) => ({ text, start, end })), [
    { text: "hello", start: 0, end: 1 },
  ]);
  await assert.rejects(ask("word"), failing(400, /times of words/, { param: "timestamp_granularities" }));
});

Deno.test("wav file: an extensible format is what its sub-format says, and other chunks are passed over", () => {
  const plain = toneFile("16", RATE_HZ, 1);
  const bytes = new Uint8Array([
    ...plain.slice(0, 12),
    ...[..."JUNK"].map((char) => char.charCodeAt(0)),
    ...[3, 0, 0, 0, 1, 2, 3, 0], // Of odd length, so padded.
    ...plain.slice(12, 16),
    ...[40, 0, 0, 0, 0xFE, 0xFF],
    ...plain.slice(22, 36),
    ...[22, 0, 16, 0, 4, 0, 0, 0],
    ...[1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71],
    ...plain.slice(36),
  ]);
  const [file, same] = [openWav(bytes), openWav(plain)];
  assert.deepEqual([file.frames, file.sampleRateHz], [RATE_HZ, RATE_HZ]);
  assert.deepEqual(file.read(15_900, 17_000), same.read(15_900, 16_000));
});
