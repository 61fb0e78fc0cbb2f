/** Sessions whose conversation does nothing but tell of what it was asked. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { ListeningMode } from "../../pipeline/events.ts";
import { turnTaking } from "../../src/protocol/turn_taking.ts";
import { percentilesOf } from "../../src/sessions/metrics.ts";
import type { OpenSession } from "../../src/sessions/registry.ts";
import { Session } from "../../src/sessions/session.ts";

/** A session, and what was done to it. */
export interface FakeSession extends OpenSession {
  readonly asked: string[];
  startDemo: OpenSession["startDemo"];
  /** Tells of something that happened. */
  tell(text: string): void;
  /** Bytes of sound that came from clients. */
  readonly heardBytes: () => number;
  readonly disposed: () => boolean;
}

const TURN_TAKING = {
  speech_threshold: 0.5,
  silence_threshold: 0.35,
  min_speech_ms: 64,
  pause_ms: 128,
  endpoint_ms: 384,
  max_utterance_ms: 180_000,
};

const SERVER: OpenSession["server"] = {
  systemInfo: () =>
    Promise.resolve({
      version: "0",
      uptime_ms: 1,
      memory: { rss: 1, heap_used: 1 },
      platform: "test",
      deno: "2",
      models: {},
      devices: { inputs: [], outputs: [] },
      sessions: 1,
      clients: 1,
    }),
  devices: () => Promise.resolve({ inputs: [], outputs: [], selected: {} }),
  selectDevice({ input, output }) {
    if (input ?? output) throw new ParleyError("NOT_FOUND", "There is no such device.");
    return Promise.resolve();
  },
  models: {
    list: () => Promise.resolve([{ task: "vad", name: "fake", loaded: true }]),
    load: ({ name }) => requireFake(name),
    pull: ({ name }) => requireFake(name),
  },
  eventLoopLag: () => percentilesOf([]),
  droppedEvents: () => 0,
};

function requireFake(name: string): void {
  if (name !== "fake") throw new ParleyError("NOT_FOUND", "There is no such model; there is fake.");
}

/** Makes a session of which a test can see everything. */
export function fakeSession(id: string, logEvents = 1000): FakeSession {
  const session = new Session({
    id,
    models: () => ({ vad: "fake" }),
    maxEvents: logEvents,
    maxBytes: 100_000_000,
    strict: true,
  });
  const asked: string[] = [];
  let mode: ListeningMode | undefined;
  let history: readonly { role: "user" | "assistant"; content: string }[] = id === "local"
    ? [{ role: "user", content: "hi" }]
    : [];
  let heardBytes = 0;
  let disposed = false;
  const did = <T>(what: string, result: T): T => (asked.push(what), result);
  return {
    session,
    asked,
    tell: (text) => session.record({ type: "message", role: "assistant", text }, { atMs: Date.now() }),
    heardBytes: () => heardBytes,
    disposed: () => disposed,
    conversation: {
      get mode() {
        return mode;
      },
      state: "idle",
      muted: false,
      get history() {
        return history;
      },
      get prompt() {
        return [{ role: "system", content: "You are a test." }, ...history];
      },
      restartHistory(entries = []) {
        did(`history ${entries.length}`, history = entries);
      },
      startListening: (wanted) => did(`start ${wanted}`, void (mode = wanted)),
      stopListening: () => did("stop", void (mode = undefined)),
      mute: (muted) => did(`mute ${muted}`, undefined),
      message: (text) => did(`message ${text}`, "turn-1"),
      say(text, voice) {
        if (voice === "nobody") throw new ParleyError("NOT_FOUND", "There is no such voice.");
        return did(`say ${text}`, "turn-2");
      },
      interrupt: () => did("interrupt", undefined),
    },
    clientAudio: {
      start: (rateHz) =>
        did(`audio start ${rateHz}`, {
          push: (bytes) => void (heardBytes += bytes.length),
          [Symbol.dispose]: () => did("audio stop", undefined),
        }),
    },
    settings: fakeSettings(session, () => did("begin test", history = [])),
    memory: {
      store: (text) => did(`remember ${text}`, { memoryId: "1", text }),
      search: (_query, limit) => [{ memoryId: "1", text: "the keys are here", score: 1 }].slice(0, limit),
      forget(memoryId) {
        if (memoryId !== "1") throw new ParleyError("NOT_FOUND", "There is no such memory.");
        did("forget", undefined);
      },
    },
    hasDevices: id === "local",
    isRestored: false,
    save: () => did("save", undefined),
    server: SERVER,
    microphoneName: () => "fake microphone",
    startDemo: () => Promise.resolve(7),
    stopDemo: () => {},
    [Symbol.asyncDispose]: () => Promise.resolve(void (disposed = true)),
  };
}

function fakeSettings(session: Session, begin: () => void): OpenSession["settings"] {
  let current: OpenSession["settings"]["current"] = {
    personality: "default",
    voice: "slt",
    models: { vad: "fake" },
    turn_taking: TURN_TAKING,
    memory: true,
  };
  return {
    get current() {
      return current;
    },
    update(changes) {
      if (changes.personality === "nobody") {
        throw new ParleyError("NOT_FOUND", "There is no such personality.");
      }
      const { turn_taking, models: _, ...rest } = changes;
      current = {
        ...current,
        ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
        turn_taking: turnTaking.parse({ ...current.turn_taking, ...turn_taking }),
      };
      session.personality = current.personality;
      session.publish({ type: "session_update", data: current });
    },
    announce: () => session.publish({ type: "session_update", data: current }),
    begin({ workflow }) {
      if (workflow !== "test") throw new ParleyError("NOT_FOUND", "There is no such workflow.");
      begin();
    },
  };
}
