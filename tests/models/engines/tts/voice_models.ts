/** Very small voices of the true shape: how they are loaded, and what onnxruntime itself makes of them. */
import assert from "node:assert/strict";
import { InferenceSession, type Tensor } from "onnxruntime-node";
import { loadEngine } from "../../../../models/host.ts";
import { concatSamples, durationMs } from "../../../../pipeline/audio.ts";
import type { SpeechChunk, TextToSpeech } from "../../../../pipeline/engines.ts";
import { ParleyError } from "../../../../pipeline/errors.ts";

/** A call that nobody aborts. */
export const call = { signal: new AbortController().signal };

/** The folder of a small voice, as settings name it. */
export function tinyModel(name: "kokoro" | "piper" | "vits" | "supertonic"): string {
  return new URL(`../../../fixtures/hub/tiny/${name}/`, import.meta.url).href;
}

/** An engine of the registry with these settings, in a worker as everywhere. */
export function loadVoice(engine: string, options: Readonly<Record<string, unknown>>): Promise<TextToSpeech> {
  return loadEngine("tts", { engine, options }, call);
}

/** All that is said of `text`. */
export function speak(tts: TextToSpeech, text: string, voice?: string): Promise<SpeechChunk[]> {
  return Array.fromAsync(tts.synthesize(text, { ...call, ...(voice !== undefined && { voice }) }));
}

/** The sound of the chunks as one. */
export function soundOf(chunks: readonly SpeechChunk[]): Float32Array {
  return concatSamples(chunks.map(({ frame }) => frame.samples));
}

/** What the one output of a model of a small voice is. */
export async function runOnnx(
  folder: string,
  file: string,
  inputs: Record<string, Tensor>,
): Promise<Float32Array> {
  const session = await InferenceSession.create(new URL(file, folder).pathname);
  try {
    const output = await session.run(inputs);
    return output[session.outputNames[0]!]!.data as Float32Array;
  } finally {
    await session.release();
  }
}

/** That an engine said what onnxruntime says: all of it, but for silence at its beginning. */
export function assertSounds(chunks: readonly SpeechChunk[], expected: Float32Array): void {
  const said = soundOf(chunks);
  assert.ok(said.some((sample) => Math.abs(sample) > 0.05), "is audible");
  const silence = expected.length - said.length;
  const quiet = Math.max(...expected.subarray(0, silence).map(Math.abs), 0);
  assert.ok(silence >= 0 && quiet < 0.05, `${silence} samples are missing`);
  said.forEach((sample, index) => {
    assert.ok(Math.abs(sample - expected[silence + index]!) < 1e-4, `sample ${index}`);
  });
}

/** That a text is cut into short chunks which cover it in order. */
export function assertCovers(chunks: readonly SpeechChunk[], text: string, sampleRateHz: number): void {
  const ends = chunks.map(({ textEnd }) => textEnd);
  assert.deepEqual(ends, ends.toSorted((a, b) => a - b));
  assert.equal(ends.at(-1), text.length);
  assert.ok(chunks.every(({ frame }) => frame.sampleRateHz === sampleRateHz && durationMs(frame) <= 121));
}

/** A copy of a model's folder that can be damaged; gone when it is disposed of. */
export async function copyOf(model: string): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await Deno.makeTempDir();
  await copyInto(new URL(model), folder);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function copyInto(from: URL, folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (!isDirectory) await Deno.copyFile(new URL(name, from), `${folder}/${name}`);
    else {
      await Deno.mkdir(`${folder}/${name}`);
      await copyInto(new URL(`${name}/`, from), `${folder}/${name}`);
    }
  }
}

/** That loading fails with this code, and a sentence which tells no path. */
export function assertFails(loading: Promise<unknown>, code: string, message: RegExp): Promise<void> {
  return assert.rejects(loading, (error) => {
    assert.ok(error instanceof ParleyError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assert.match(error.message, /^[A-Z].*[.]$/);
    assert.doesNotMatch(error.message, /\/\w+\//);
    return true;
  });
}
