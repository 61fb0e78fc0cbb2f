/** The scripted conversation: recorded speech, played into the real pipeline at real pace. */
import { LISTENING_RATE_HZ } from "../pipeline/engines.ts";
import type { Clock } from "../pipeline/clock.ts";
import type { Conversation } from "../pipeline/conversation.ts";
import { ParleyError, toParleyError } from "../pipeline/errors.ts";
import { z } from "zod";
import { ScriptedMicrophone } from "./audio/scripted_microphone.ts";
import type { SwitchableMicrophone } from "./audio/switchable_microphone.ts";
import { readWav } from "./audio/wav.ts";
import { resample } from "../models/resample.ts";
import type { Session } from "./sessions/session.ts";

const scriptSchema = z.array(z.object({ text: z.string(), audio: z.string() })).min(1);

/** One thing that the demo's user says. */
export interface DemoLine {
  readonly text: string;
  /** At {@linkcode LISTENING_RATE_HZ}. */
  readonly samples: Float32Array;
}

/** The scripts there are, by name, with the folder of each under `models/demo/`. */
const SCRIPTS: Readonly<Record<string, URL>> = {
  default: new URL("../models/demo/", import.meta.url),
};

/** Reads a script and its recordings. Throws `NOT_FOUND` for a name that is not there, listing those that are. */
export async function loadDemo(name = "default"): Promise<readonly DemoLine[]> {
  const folder = Object.hasOwn(SCRIPTS, name) ? SCRIPTS[name] : undefined;
  if (!folder) {
    const names = Object.keys(SCRIPTS).join(", ");
    throw new ParleyError("NOT_FOUND", `There is no demo script "${name}"; there are ${names}.`);
  }
  const script = scriptSchema.parse(JSON.parse(await Deno.readTextFile(new URL("script.json", folder))));
  return await Promise.all(script.map(async ({ text, audio }) => {
    const { samples, sampleRateHz } = await readWav(new URL(audio, folder));
    return { text, samples: await resample(samples, sampleRateHz, LISTENING_RATE_HZ) };
  }));
}

/** What a demo runs on. */
export interface DemoOptions {
  readonly conversation: Conversation;
  readonly microphone: SwitchableMicrophone;
  readonly clock: Clock;
  /** How many times faster than life the recordings are heard. */
  readonly speed: number;
  readonly signal: AbortSignal;
}

/** Silence before the first line and after each answer: a person takes a breath. */
const BREATH_MS = 700;

/** Plays every line and waits for its answer. However it ends, the microphone and the mode are as before. */
export async function runDemo(lines: readonly DemoLine[], options: DemoOptions): Promise<void> {
  const { conversation, microphone, clock, speed, signal } = options;
  const modeBefore = conversation.mode;
  const script = new ScriptedMicrophone(clock, speed);
  conversation.interrupt();
  await conversation.settled();
  const heard = microphone.use(script);
  conversation.startListening("continuous", "demo");
  try {
    for (const { samples } of lines) {
      await clock.sleep(BREATH_MS, signal);
      await script.say(samples, signal);
      await conversation.settled();
    }
  } finally {
    // Whoever chose another microphone or mode meanwhile keeps it.
    const isHeard = microphone.selected === script;
    heard[Symbol.dispose]();
    if (isHeard) {
      conversation.stopListening();
      if (modeBefore === "continuous") conversation.startListening("continuous");
    }
  }
}

/** What a demo plays in. */
export interface DemoParts {
  readonly conversation: Conversation;
  readonly microphone: SwitchableMicrophone;
  readonly clock: Clock;
  readonly session: Session;
  readonly signal: AbortSignal;
}

/** The scripted conversation of one session: at most one at a time. */
export class Demo {
  /** Resolves when no demo runs. */
  ended: Promise<void> = Promise.resolve();
  readonly #parts: DemoParts;
  #running: { readonly stop: AbortController; readonly lines: readonly DemoLine[] } | undefined;

  constructor(parts: DemoParts) {
    this.#parts = parts;
  }

  /** Starts the script, unless one runs already; returns how many lines it has. */
  async start({ script, speed = 1 }: { script?: string; speed?: number }): Promise<number> {
    const lines = this.#running?.lines ?? await loadDemo(script);
    // Another client may have started one, now or while the recordings were read.
    if (this.#running) return lines.length;
    const stop = new AbortController();
    this.#running = { stop, lines };
    const signal = AbortSignal.any([this.#parts.signal, stop.signal]);
    this.ended = runDemo(lines, { ...this.#parts, speed, signal })
      .catch((error) => {
        if (!signal.aborted) this.#tell(error);
      })
      .finally(() => this.#running = undefined);
    return lines.length;
  }

  stop(): void {
    this.#running?.stop.abort("command");
  }

  #tell(error: unknown): void {
    const { code, message } = toParleyError(error);
    this.#parts.session.record({ type: "error", code, message }, { atMs: this.#parts.clock.now() });
  }
}
