/** Putting one session together: conversation, tools, timers, log, the client's microphone and the demo. */
import { z } from "zod";
import type { Loudspeaker } from "../pipeline/audio.ts";
import type { Clock } from "../pipeline/clock.ts";
import { Conversation } from "../pipeline/conversation.ts";
import type { LoadedEngines } from "../models/host.ts";
import { ClientMicrophone } from "./audio/client_microphone.ts";
import type { SwitchableMicrophone } from "./audio/switchable_microphone.ts";
import type { Config } from "./config_schema.ts";
import { Demo } from "./demo.ts";
import type { Memory } from "./memory/memory.ts";
import type { Observers } from "./observers.ts";
import { choices, firstChoices, SessionSettings, toConversation } from "./session_settings.ts";
import type { ServerPort } from "./sessions/ports.ts";
import { LOCAL_SESSION, type OpenSession } from "./sessions/registry.ts";
import { Session } from "./sessions/session.ts";
import type { SessionRecord, SessionStore } from "./sessions/session_store.ts";
import type { SystemInfo } from "./tools/get_system_info.ts";
import { createTimers } from "./tools/timers.ts";
import { createToolbox } from "./tools/toolbox.ts";

/** What all sessions share. */
export interface SharedParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly engines: LoadedEngines;
  readonly memory: Memory;
  /** Where sessions are kept; absent where they end with the server. */
  readonly store?: SessionStore;
  readonly server: ServerPort;
  readonly systemInfo: () => SystemInfo;
  readonly observers: Pick<Observers, "onFact" | "onEvent">;
  /** The server's. */
  readonly signal: AbortSignal;
}

/** What is a session's own. */
export interface OwnParts {
  readonly id: string;
  readonly microphone: SwitchableMicrophone;
  readonly loudspeaker: Loudspeaker;
  /** What the device's microphone is called; absent where the session has none. */
  readonly deviceName?: () => string;
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
  const record = shared.store?.open(id, ({ code, message }) => {
    session.record({ type: "error", code, message }, { atMs: clock.now() });
  });
  const session = new Session({
    id,
    models: () => engines.names,
    maxEvents: config.sessions.log_events,
    maxBytes: config.sessions.log_bytes,
    strict: config.development,
    ...(record && { record }),
  });
  const timers = createTimers({
    clock,
    signal,
    onDone: (_timer, text) => announce(conversation, text, signal),
  });
  const tools = createToolbox({ clock, memory, timers, systemInfo: shared.systemInfo });
  const saved = savedState(record, config);
  const conversation = new Conversation({
    engines,
    microphone,
    loudspeaker,
    clock,
    settings: toConversation(saved.chosen, config, tools),
    sink: (fact, at) => session.record(fact, at),
    signal,
  });
  conversation.restartHistory(saved.history);
  const settings = new SessionSettings({
    config,
    session,
    conversation,
    tools,
    engines,
    chosen: saved.chosen,
  });
  const save = () => record?.save({ chosen: settings.chosen, history: conversation.history });
  saveAfterChanges(session, save);
  session.watch((fact) => shared.observers.onFact(fact));
  session.follow((event) => shared.observers.onEvent(id, event));
  const client = new ClientMicrophone(microphone, clock);
  const demo = new Demo({ conversation, microphone, clock, session, signal });
  const running = conversation.run();
  return {
    session,
    conversation,
    clientAudio: client,
    settings,
    memory,
    server,
    hasDevices: id === LOCAL_SESSION,
    isRestored: record !== undefined && record.saved.events.length > 0,
    microphoneName: () => client.active ? "client" : deviceName?.() ?? "none",
    startDemo: (options) => demo.start(options),
    stopDemo: () => demo.stop(),
    save,
    demoEnded: () => demo.ended,
    async [Symbol.asyncDispose]() {
      ending.abort("session_closed");
      await Promise.all([running, demo.ended]);
    },
  };
}

const savedSchema = z.object({
  chosen: choices,
  history: z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.string() })),
});

/**
 * What an earlier life of the session left, where the configuration still has its personality. A voice that went with its
 * model may come back with it; until then the usual one speaks.
 */
function savedState(record: SessionRecord | undefined, config: Config): z.output<typeof savedSchema> {
  const saved = savedSchema.safeParse(record?.saved.state);
  if (!saved.success) return { chosen: firstChoices(config), history: [] };
  const { chosen, history } = saved.data;
  const fits = chosen.personality === "default" || Object.hasOwn(config.personalities, chosen.personality);
  return { chosen: fits ? chosen : firstChoices(config), history };
}

/** After whatever changes the settings or, of its own accord, the history. */
function saveAfterChanges(session: Session, save: () => void): void {
  session.follow(({ type }) => {
    if (type === "turn_end" || type === "session_update") save();
  });
}

/** Says something of its own accord, once nobody is in the middle of anything. */
async function announce(conversation: Conversation, text: string, signal: AbortSignal): Promise<void> {
  await conversation.settled();
  if (!signal.aborted) conversation.say(text);
}
