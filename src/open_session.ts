/** Putting one session together: conversation, tools, timers, log, the client's microphone and the demo. */
import type { Loudspeaker } from "../pipeline/audio.ts";
import type { Clock } from "../pipeline/clock.ts";
import { Conversation } from "../pipeline/conversation.ts";
import { toParleyError } from "../pipeline/errors.ts";
import type { LoadedEngines } from "../models/host.ts";
import { ClientMicrophone } from "./audio/client_microphone.ts";
import type { SwitchableMicrophone } from "./audio/switchable_microphone.ts";
import type { Config } from "./config.ts";
import { type DemoLine, loadDemo, runDemo } from "./demo.ts";
import type { Memory } from "./memory/memory.ts";
import type { ServerPort } from "./sessions/execute.ts";
import type { OpenSession } from "./sessions/registry.ts";
import { Session } from "./sessions/session.ts";
import type { SystemInfo } from "./tools/get_system_info.ts";
import { createTimers } from "./tools/timers.ts";
import { createToolbox } from "./tools/toolbox.ts";

/** What all sessions share. */
export interface SharedParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly engines: LoadedEngines;
  readonly memory: Memory;
  readonly server: ServerPort;
  readonly systemInfo: () => SystemInfo;
  /** The server's. */
  readonly signal: AbortSignal;
}

/** What is a session's own. */
export interface OwnParts {
  readonly id: string;
  readonly microphone: SwitchableMicrophone;
  readonly loudspeaker: Loudspeaker;
  /** What the device's microphone is called; absent where the session has none. */
  readonly deviceName?: string;
}

/** A session as the server's own process sees it. */
export interface LocalSession extends OpenSession {
  readonly conversation: Conversation;
  /** Resolves when no demo runs. */
  demoEnded(): Promise<void>;
}

/** Opens a session and lets it listen. Disposing ends its turn, timers and demo, and waits for them. */
export function openSession(shared: SharedParts, own: OwnParts): LocalSession {
  const { config, clock, engines, memory, server } = shared;
  const { id, microphone, loudspeaker, deviceName } = own;
  const ending = new AbortController();
  const signal = AbortSignal.any([shared.signal, ending.signal]);
  const session = new Session({
    id,
    models: engines.names,
    personality: "default",
    logEvents: config.log_events,
    strict: config.development,
  });
  const timers = createTimers({
    clock,
    signal,
    onDone: (_timer, text) => announce(conversation, text, signal),
  });
  const tools = createToolbox({ clock, memory, timers, systemInfo: shared.systemInfo });
  const conversation = new Conversation({
    engines,
    tools,
    microphone,
    loudspeaker,
    clock,
    endpointing: {
      speechThreshold: config.turn_taking.speech_threshold,
      silenceThreshold: config.turn_taking.silence_threshold,
      minSpeechMs: config.turn_taking.min_speech_ms,
      pauseMs: config.turn_taking.pause_ms,
      endpointMs: config.turn_taking.endpoint_ms,
      maxUtteranceMs: config.turn_taking.max_utterance_ms,
    },
    systemPrompt: config.system_prompt,
    ...(config.voice && { voice: config.voice }),
    ...(config.language && { language: config.language }),
    sink: (fact, at) => session.record(fact, at),
    signal,
  });
  const client = new ClientMicrophone(microphone, clock);
  const demo = new Demo({ conversation, microphone, clock, session, signal });
  const running = conversation.run();
  return {
    session,
    conversation,
    clientAudio: client,
    server,
    microphoneName: () => client.active ? "client" : deviceName ?? "none",
    startDemo: (options) => demo.start(options),
    stopDemo: () => demo.stop(),
    demoEnded: () => demo.ended,
    async [Symbol.asyncDispose]() {
      ending.abort("session_closed");
      await Promise.all([running, demo.ended]);
    },
  };
}

/** Says something of its own accord, once nobody is in the middle of anything. */
async function announce(conversation: Conversation, text: string, signal: AbortSignal): Promise<void> {
  await conversation.settled();
  if (!signal.aborted) conversation.say(text);
}

interface DemoParts {
  readonly conversation: Conversation;
  readonly microphone: SwitchableMicrophone;
  readonly clock: Clock;
  readonly session: Session;
  readonly signal: AbortSignal;
}

/** The scripted conversation of one session: at most one at a time. */
class Demo {
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
