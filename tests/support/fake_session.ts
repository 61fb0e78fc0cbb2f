/** Sessions whose conversation does nothing but tell of what it was asked. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { ListeningMode } from "../../pipeline/events.ts";
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

/** Makes a session of which a test can see everything. */
export function fakeSession(id: string, logEvents = 1000): FakeSession {
  const session = new Session({
    id,
    models: { vad: "fake" },
    personality: "default",
    logEvents,
    strict: true,
  });
  const asked: string[] = [];
  let mode: ListeningMode | undefined;
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
      history: [{ role: "user", content: "hi" }],
      clearHistory: () => did("clear", undefined),
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
    server: {
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
      eventLoopLag: () => percentilesOf([]),
      droppedEvents: () => 0,
    },
    microphoneName: () => "fake microphone",
    startDemo: () => Promise.resolve(7),
    stopDemo: () => {},
    [Symbol.asyncDispose]: () => Promise.resolve(void (disposed = true)),
  };
}
