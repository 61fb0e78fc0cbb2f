/** What a session looks like from inside, for people who look for a fault. */
import type { CommandData } from "../protocol/commands.ts";
import type { EventData } from "../protocol/events.ts";
import type { Joined } from "./ports.ts";

type DebugType = CommandData<"debug_request">["debug_type"];
type Look = (joined: Joined) => Record<string, unknown> | Promise<Record<string, unknown>>;

const LOOKS: Readonly<Record<DebugType, Look>> = {
  async snapshot(joined) {
    const parts = await Promise.all(
      (["session", "state", "metrics"] as const).map(async (part) => [part, await LOOKS[part](joined)]),
    );
    return Object.fromEntries(parts);
  },
  session: ({ session, settings, conversation, hasDevices }) => ({
    session_id: session.id,
    epoch: session.epoch,
    has_devices: hasDevices,
    settings: settings.current,
    last_seq: session.lastSeq,
    log: session.logSize,
    history_messages: conversation.history.length,
  }),
  state: ({ conversation, microphoneName }) => ({
    state: conversation.state,
    muted: conversation.muted,
    mode: conversation.mode ?? "idle",
    microphone: microphoneName(),
  }),
  async metrics(joined) {
    return { ...performanceMetrics(joined), system: await joined.server.systemInfo() };
  },
  prompts: ({ conversation }) => ({ messages: conversation.prompt }),
};

/** The answer to `debug_request`. Nothing in it is secret or a path: it is made of what other events tell. */
export async function debugResponse(
  debugType: DebugType,
  joined: Joined,
): Promise<EventData<"debug_response">> {
  return { debug_type: debugType, ...await LOOKS[debugType](joined) };
}

/** The answer to `get_performance_metrics`, over the newest `turns` turns (default: all kept). */
export function performanceMetrics(
  { session, server }: Joined,
  turns?: number,
): EventData<"performance_metrics"> {
  return {
    turns: Math.min(session.metrics.turns, turns ?? Infinity),
    latency: session.metrics.percentiles(turns),
    event_loop_lag_ms: server.eventLoopLag(),
    dropped_events: server.droppedEvents(),
  };
}
