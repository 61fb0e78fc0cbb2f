/** The thread side: loads one engine and answers the calls that the main thread makes of it. */
import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";
import type { AudioFrame } from "../pipeline/audio.ts";
import { type Channel, channel } from "../pipeline/channel.ts";
import type { CallOptions, Engines, PausedSpeech, Task, VoiceActivityStream } from "../pipeline/engines.ts";
import { ParleyError } from "../pipeline/errors.ts";
import { findEngine, type Registry } from "./engine_spec.ts";
import { warmUp } from "./warm_up.ts";
import { type WatchedSignal, watchedSignal } from "./watched_signal.ts";
import {
  AbortWords,
  type EngineFacts,
  type FromWorker,
  type Output,
  OUTPUT_WINDOW,
  type Request,
  toErrorMessage,
  type ToWorker,
  type WorkerData,
} from "./worker_protocol.ts";

/** Serves one of the registry's engines from this worker until the main thread disposes of it. */
export function serve(registry: Registry): void {
  const port = parentPort;
  if (!port) throw new TypeError("Cannot serve engines outside a worker");
  // Node's threads have no location. Deno's have one whose origin "null" onnxruntime-web takes for a URL.
  Reflect.deleteProperty(globalThis, "location");
  const { abortWords }: WorkerData = workerData;
  const server = new EngineServer(registry, {
    words: new AbortWords(abortWords),
    post: (message, transfer = []) => port.postMessage(message, transfer),
    close: () => process.exit(), // Of this thread alone.
  });
  port.on("message", (message: ToWorker) => server.receive(message));
}

interface Connection {
  readonly words: AbortWords;
  post(message: FromWorker, transfer?: ArrayBuffer[]): void;
  close(): void;
}

interface ServedCall {
  readonly abort: WatchedSignal["abort"];
  readonly audio: Channel<AudioFrame>;
  readonly credits: Channel<true>;
  /** Resolves when the engine no longer works for it. */
  readonly ended: Promise<void>;
}

class EngineServer {
  readonly #registry: Registry;
  readonly #connection: Connection;
  readonly #calls = new Map<number, ServedCall>();
  readonly #streams = new Map<number, VoiceActivityStream>();
  #engines: Partial<Engines> = {};

  constructor(registry: Registry, connection: Connection) {
    this.#registry = registry;
    this.#connection = connection;
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case "load":
        return void this.#load(message.task, message.engine, message.options);
      case "call":
        return void this.#serve(message.call, message.request);
      case "audio":
        return void this.#calls.get(message.call)?.audio.trySend(message.frame);
      case "audio_end":
        return this.#calls.get(message.call)?.audio.close();
      case "credit":
        return void this.#calls.get(message.call)?.credits.trySend(true);
      case "abort":
        return this.#calls.get(message.call)?.abort();
      case "close_stream":
        return this.#closeStream(message.stream);
      case "dispose":
        return void this.#dispose();
    }
  }

  async #load<K extends Task>(task: K, name: string, options: unknown): Promise<void> {
    try {
      const call = { signal: new AbortController().signal };
      const engine = await findEngine(this.#registry, task, name).load(options, call);
      this.#engines = { [task]: engine };
      for await (const output of warmUp(this.#engines, call)) assertPlausible(output);
      this.#connection.post({ type: "ready", facts: factsOf(this.#engines) });
    } catch (error) {
      this.#connection.post({ type: "load_failed", error: toErrorMessage(error) });
    }
  }

  async #serve(id: number, request: Request): Promise<void> {
    const { words, post } = this.#connection;
    const { signal, abort } = watchedSignal(() => words.isRaised(id));
    const audio = channel<AudioFrame>({ capacity: Infinity, signal });
    const credits = channel<true>({ capacity: OUTPUT_WINDOW, signal });
    for (let i = 0; i < OUTPUT_WINDOW; i++) credits.trySend(true);
    const { promise: ended, resolve: end } = Promise.withResolvers<void>();
    this.#calls.set(id, { abort, audio, credits, ended });
    const room = credits[Symbol.asyncIterator]();
    try {
      for await (const output of this.#answer(request, { signal, audio })) {
        assertPlausible(output);
        await room.next();
        signal.throwIfAborted();
        const { owned, transfer } = forTransfer(output);
        post({ type: "output", call: id, output: owned }, transfer);
      }
      post({ type: "end", call: id });
    } catch (error) {
      post({ type: "end", call: id, error: toErrorMessage(error) });
    } finally {
      this.#calls.delete(id);
      audio.close();
      credits.close();
      end();
    }
  }

  #answer(
    request: Request,
    { signal, audio }: CallOptions & { readonly audio: AsyncIterable<AudioFrame> },
  ): AsyncIterable<Output> {
    const { turn, stt, llm, tts } = this.#engines;
    switch (request.verb) {
      case "probability":
        return this.#probability(request, { signal });
      case "completion":
        return completionOf(turn!, request.speech, { signal });
      case "transcribe":
        return stt!.transcribe(audio, { ...request, signal });
      case "generate":
        return llm!.generate(request.messages, { ...request, signal });
      case "synthesize":
        return tts!.synthesize(request.text, { ...request, signal });
    }
  }

  async *#probability(
    { stream: id, frame }: Request<"probability">,
    call: CallOptions,
  ): AsyncIterable<number> {
    const stream = this.#streams.get(id) ?? this.#engines.vad!.open();
    this.#streams.set(id, stream);
    yield await stream.probability(frame, call);
  }

  #closeStream(id: number): void {
    this.#streams.get(id)?.[Symbol.dispose]();
    this.#streams.delete(id);
  }

  async #dispose(): Promise<void> {
    const calls = [...this.#calls.values()];
    for (const { abort } of calls) abort();
    await Promise.all(calls.map(({ ended }) => ended));
    for (const id of this.#streams.keys()) this.#closeStream(id);
    for (const engine of Object.values(this.#engines)) await engine[Symbol.asyncDispose]();
    this.#connection.close();
  }
}

/** One number, or none where the engine has no opinion. */
async function* completionOf(
  turn: Engines["turn"],
  speech: PausedSpeech,
  call: CallOptions,
): AsyncIterable<number> {
  const probability = await turn.completion(speech, call);
  if (probability !== undefined) yield probability;
}

function factsOf({ turn, llm, tts }: Partial<Engines>): EngineFacts {
  return {
    ...(turn?.readsWords && { turn: { readsWords: true } }),
    ...(llm && { llm: { model: llm.model } }),
    ...(tts && { tts: { voices: tts.voices, sampleRateHz: tts.sampleRateHz } }),
  };
}

/** A model that has gone wrong numerically must not look like silence. */
function assertPlausible(output: Output): void {
  const plausible = typeof output === "number"
    ? output >= 0 && output <= 1
    : "frame" in output
    ? output.frame.samples.every(Number.isFinite)
    : !("confidence" in output) || Number.isFinite(output.confidence);
  if (!plausible) {
    throw new ParleyError("MODEL_ERROR", "The model gave numbers that make no sense; try again");
  }
}

/** The samples copied out of whatever they are a view of, so that only they cross, without being cloned. */
function forTransfer(output: Output): { owned: Output; transfer: ArrayBuffer[] } {
  if (typeof output === "number" || !("frame" in output)) return { owned: output, transfer: [] };
  const samples = output.frame.samples.slice();
  return { owned: { ...output, frame: { ...output.frame, samples } }, transfer: [samples.buffer] };
}
