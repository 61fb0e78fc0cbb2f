/** One life of a worker, seen from the main thread: it loads an engine, answers calls, and ends. */
import { Worker } from "node:worker_threads";
import type { AudioFrame } from "../pipeline/audio.ts";
import { type Channel, channel } from "../pipeline/channel.ts";
import type { CallOptions, Task } from "../pipeline/engines.ts";
import { ParleyError } from "../pipeline/errors.ts";
import {
  AbortWords,
  type EngineFacts,
  fromErrorMessage,
  type FromWorker,
  type Output,
  type Request,
  type ToWorker,
  type WorkerData,
} from "./worker_protocol.ts";

/** What a thread runs. */
export interface EngineThreadOptions {
  readonly task: Task;
  /** The engine's name in the registry. */
  readonly engine: string;
  /** The engine's settings, as its schema gives them. */
  readonly settings: unknown;
  /** The module that serves the registry. */
  readonly workerUrl: URL;
  /** How long a call may go on after it was aborted before the thread counts as deaf and is ended. */
  readonly deafMs: number;
  /** Told once when the thread ends on its own, before any call hears of it. */
  readonly onEnd: (error: ParleyError) => void;
}

/** How a call is made. */
export interface EngineCallOptions extends CallOptions {
  /** Sound that the call listens to. */
  readonly audio?: AsyncIterable<AudioFrame>;
}

/** What a call of an engine that was disposed of fails with. */
export function unloaded(): ParleyError {
  return new ParleyError("UNAVAILABLE", "The engine has been unloaded; load it again to use it", {
    recoverable: false,
  });
}

interface OpenCall {
  readonly outputs: Channel<Output>;
  graceTimer?: ReturnType<typeof setTimeout>;
}

/** A worker with one engine. When it ends, whatever the cause, every call in it fails with `MODEL_ERROR`. */
export class EngineThread implements AsyncDisposable {
  /** Resolves when the engine is loaded and warm; rejects when it cannot be. */
  readonly facts: Promise<EngineFacts>;
  readonly #facts = Promise.withResolvers<EngineFacts>();
  readonly #exited = Promise.withResolvers<void>();
  readonly #options: EngineThreadOptions;
  readonly #worker: Worker;
  readonly #words = new AbortWords();
  readonly #calls = new Map<number, OpenCall>();
  #callsMade = 0;
  #loaded = false;
  #end: ParleyError | undefined;

  constructor(options: EngineThreadOptions) {
    const { task, engine, settings, workerUrl } = options;
    this.#options = options;
    this.facts = this.#facts.promise;
    this.facts.catch(() => {}); // Whoever calls hears of it; nobody need be waiting for the facts themselves.
    const workerData: WorkerData = { abortWords: this.#words.buffer };
    this.#worker = new Worker(workerUrl, { workerData, name: `parley-${task}` });
    this.#worker.on("message", (message: FromWorker) => this.#receive(message));
    this.#worker.on("error", (error) => this.#endWith(this.#died(error)));
    this.#worker.on("exit", () => {
      this.#exited.resolve();
      this.#endWith(this.#died());
    });
    this.#post({ type: "load", task, engine, options: settings });
  }

  /** Asks the engine. An abort rejects at once with the signal's reason, whatever the thread is doing. */
  async *call<R extends Request>(
    request: R,
    { signal, audio }: EngineCallOptions,
  ): AsyncIterable<Output<R["verb"]>> {
    signal.throwIfAborted();
    if (this.#end) throw this.#end;
    const id = ++this.#callsMade;
    const outputs = channel<Output>({ capacity: Infinity, signal });
    this.#post({ type: "call", call: id, request });
    this.#calls.set(id, { outputs });
    const abandon = () => this.#abandon(id);
    signal.addEventListener("abort", abandon, { once: true });
    if (audio) this.#feed(id, audio, outputs);
    try {
      for await (const output of outputs) {
        // The verb of the request decides what comes back.
        yield output as Output<R["verb"]>;
        if (this.#calls.has(id)) this.#post({ type: "credit", call: id });
      }
    } finally {
      signal.removeEventListener("abort", abandon);
      this.#abandon(id);
    }
  }

  /** Lets the engine forget a voice-activity stream. */
  closeStream(stream: number): void {
    if (!this.#end) this.#post({ type: "close_stream", stream });
  }

  /** Lets the engine release what it holds, then ends the thread, by force if it is deaf. */
  async [Symbol.asyncDispose](): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    if (!this.#end) {
      this.#settle(unloaded());
      this.#post({ type: "dispose" });
      // One that is still loading has nothing worth waiting for.
      timer = setTimeout(() => this.#worker.terminate(), this.#loaded ? this.#options.deafMs : 0);
    }
    await this.#exited.promise;
    clearTimeout(timer);
  }

  #post(message: ToWorker, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "ready":
        this.#loaded = true;
        return this.#facts.resolve(message.facts);
      case "load_failed":
        return this.#endWith(fromErrorMessage(message.error));
      case "output":
        return void this.#calls.get(message.call)?.outputs.trySend(message.output);
      case "end":
        return this.#close(message.call, message.error && fromErrorMessage(message.error));
    }
  }

  #close(id: number, error?: ParleyError): void {
    const call = this.#calls.get(id);
    clearTimeout(call?.graceTimer);
    call?.outputs.close(error);
    this.#calls.delete(id);
  }

  /** Tells the thread that nobody waits for the call any more, and sees to it that it listens. */
  #abandon(id: number): void {
    const call = this.#calls.get(id);
    if (!call || call.graceTimer !== undefined) return;
    this.#words.raise(id);
    this.#post({ type: "abort", call: id });
    call.graceTimer = setTimeout(() => this.#endWith(this.#deaf()), this.#options.deafMs);
  }

  async #feed(id: number, audio: AsyncIterable<AudioFrame>, outputs: Channel<Output>): Promise<void> {
    try {
      for await (const frame of audio) {
        if (!this.#calls.has(id)) return;
        // A copy: the frame's samples are still being looked at elsewhere.
        const samples = frame.samples.slice();
        this.#post({ type: "audio", call: id, frame: { ...frame, samples } }, [samples.buffer]);
      }
      if (this.#calls.has(id)) this.#post({ type: "audio_end", call: id });
    } catch (error) {
      outputs.close(error);
    }
  }

  #died(cause?: unknown): ParleyError {
    const message = `The ${this.#options.task} engine stopped unexpectedly and is being restarted; try again`;
    return new ParleyError("MODEL_ERROR", message, { cause });
  }

  #deaf(): ParleyError {
    const message =
      `The ${this.#options.task} engine did not stop when told to and is being restarted; try again`;
    return new ParleyError("MODEL_ERROR", message);
  }

  #endWith(error: ParleyError): void {
    if (this.#end) return;
    this.#options.onEnd(error);
    this.#settle(error);
    this.#worker.terminate();
  }

  #settle(error: ParleyError): void {
    this.#end = error;
    this.#facts.reject(error);
    for (const id of this.#calls.keys()) {
      this.#words.raise(id);
      this.#close(id, error);
    }
  }
}
