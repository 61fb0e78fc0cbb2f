/** What evaluation listens to: fixed texts, recordings and which of them, the noisy room. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { inNoisyRoom } from "../../../models/eval/noisy_room.ts";
import { isTestSpeaker, parseTranscripts, testRecordings } from "../../../models/eval/recordings.ts";
import { parseRequests, readRequests } from "../../../models/eval/requests.ts";
import { samplesOf } from "../../../models/eval/sound.ts";
import { espeakVoice, fliteVoice } from "../../../models/eval/speech.ts";
import { everyNth, spokenSets } from "../../../models/eval/test_sets.ts";
import { levelDb, samplesToPcm16, wavHeader } from "../../../pipeline/audio.ts";
import { recording } from "../../support/recordings.ts";

Deno.test("eval: the fixed texts are all there, each said by a voice of its own that never changes", async () => {
  const sets = await spokenSets();
  assert.deepEqual(sets.map(({ utterances }) => utterances.length), [200, 200, 150]);
  for (const { utterances } of sets) {
    assert.ok(utterances.every(({ text }) => /^[a-z' ]+$/.test(text)));
    assert.equal(new Set(utterances.map(({ text }) => text)).size, utterances.length);
  }
  assert.deepEqual(espeakVoice(7), espeakVoice(7));
  assert.notDeepEqual(espeakVoice(7), espeakVoice(8));
  assert.notDeepEqual(fliteVoice(7), fliteVoice(8));
  assert.deepEqual(everyNth([0, 1, 2, 3, 4], 2), [0, 2, 4]);
});

Deno.test("eval: 500 different requests, half of them in each engine's voices, calls and speech alike", async () => {
  const requests = await readRequests();
  assert.equal(new Set(requests.map(({ text }) => text)).size, 500);
  assert.equal(requests.filter(({ voice }) => voice.engine === "flite").length, 250);
  const calls = requests.filter(({ call }) => call);
  assert.ok(calls.length > 200 && calls.length < 300);
  const [timer] = requests.filter(({ text }) => text === "set a timer for two days");
  assert.deepEqual(timer?.call, { tool: "set_timer", args: { duration: "two days" } });
});

Deno.test("eval: a line that is no request is named", () => {
  const good = JSON.stringify({
    text: "hello",
    tool: null,
    arguments: null,
    voice: { engine: "flite", name: "rms", stretch: 1, pitch: 100 },
  });
  assert.equal(parseRequests(`${good}\n`)[0]!.call, undefined);
  for (const bad of ["{", "{}", good.replace("flite", "festival")]) {
    assert.throws(() => parseRequests(`${good}\n${bad}\n`), {
      code: "VALIDATION_ERROR",
      message: /^Line 2 /,
    });
  }
});

Deno.test("eval: of what is learned from, the test speakers alone; of everything else all", async () => {
  // By Python's hashlib.
  assert.deepEqual([1, 6, 8, 12].map((n) => isTestSpeaker("speechocean762", `${n}`.padStart(4, "0"))), [
    ...[false, true, true, true],
  ]);
  const folder = await Deno.makeTempDir();
  const rows = (...rows: string[]) => ["file\ttext\tspeaker", ...rows, ""].join("\n");
  await Deno.writeTextFile(
    join(folder, "transcripts.tsv"),
    rows(
      "speechocean762/1.opus\tone\t0001",
      "speechocean762/2.opus\ttwo\t0006",
      "lj/LJ001-0001.flac\tthree\tlj",
      "lj/LJ001-0003.flac\tfour\tlj",
      "wake-words/alexa_8.flac\tfive\t",
      "jfk.wav\tsix\tjfk",
    ),
  );
  await Deno.mkdir(join(folder, "others"));
  await Deno.writeTextFile(
    join(folder, "others", "transcripts.tsv"),
    "text\tfile\tnote\nhello there\ta.wav\tx\n\tsilent.wav\t\nbye\tb.wav\n",
  );
  await Deno.symlink(join(folder, "others"), join(folder, "linked"));
  const found = await testRecordings(folder);
  const files = (name: string) => found.get(name)?.map(({ path }) => path.slice(folder.length + 1));
  assert.deepEqual(files("speechocean762"), [join("speechocean762", "2.opus")]);
  assert.deepEqual(
    files("lj"),
    [join("lj", "LJ001-0003.flac")],
    "its one speaker is told apart by the files",
  );
  assert.equal(files("wake-words"), undefined, "without a speaker the file's name counts");
  assert.deepEqual([...found.values()].flat().filter(({ text }) => text === "six").length, 1);
  assert.deepEqual(files("others"), [join("others", "a.wav"), join("others", "b.wav")]);
  assert.deepEqual(files("linked"), [join("linked", "a.wav"), join("linked", "b.wav")]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("eval: a table without its columns, and a folder without a table, are said in a sentence", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(testRecordings(folder), { code: "NOT_FOUND", message: /no transcripts\.tsv/ });
  await assert.rejects(testRecordings(join(folder, "nowhere")), { code: "NOT_FOUND", message: /no folder/ });
  assert.throws(() => parseTranscripts("path\ttext\na\tb\n"), {
    code: "VALIDATION_ERROR",
    message: /file and text/,
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("eval: a WAV from a pipe is read, whatever its header says of its length", async () => {
  const samples = Float32Array.from({ length: 1600 }, (_, at) => Math.sin(at / 10) / 2);
  const wav = (lengthBytes: number) =>
    Uint8Array.from([...wavHeader(16_000, lengthBytes), ...samplesToPcm16(samples)]);
  for (const lengthBytes of [3200, 0x7ffff000, 0xffffffff]) {
    const read = await samplesOf(wav(lengthBytes));
    assert.equal(read.length, 1600);
    assert.ok(read.every((value, at) => Math.abs(value - samples[at]!) < 1e-4));
  }
  const slower = wav(3200);
  new DataView(slower.buffer).setUint32(24, 8000, true);
  assert.equal((await samplesOf(slower)).length, 3200, "at 16 kHz");
  await assert.rejects(samplesOf(new Uint8Array(100)), { code: "VALIDATION_ERROR" });
});

Deno.test("eval: the noisy room is the same for one seed, 10 dB below the voice, and rings after it", async () => {
  const quiet = 16_000;
  const voice = await recording("speech/andy_day.wav");
  const said = new Float32Array(quiet + voice.length);
  said.set(voice, quiet);
  const heard = inNoisyRoom(said, 3);
  assert.deepEqual(heard, inNoisyRoom(said, 3));
  assert.notDeepEqual(heard, inNoisyRoom(said, 4));
  assert.equal(heard.length, said.length + 4800);
  const noiseDb = levelDb(heard.subarray(0, quiet));
  const voiceDb = levelDb(heard.subarray(quiet, quiet + voice.length));
  assert.ok(voiceDb - noiseDb > 8 && voiceDb - noiseDb < 12, `${voiceDb - noiseDb} dB`);

  const click = new Float32Array(1600);
  click[0] = 0.9;
  const [direct = 0, ...rest] = inNoisyRoom(click, 3);
  assert.ok(rest.every((value) => Math.abs(value) < Math.abs(direct)), "the sound itself is the loudest");
});
