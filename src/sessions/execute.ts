/** What each command does to its session: one function a command. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { Command, CommandData, CommandName } from "../protocol/commands.ts";
import type { EventBody, EventData } from "../protocol/events.ts";
import type { ClientAudioPort, ConversationPort, Session } from "./session.ts";

/** What the server as a whole can tell and do. */
export interface ServerPort {
  systemInfo(): Promise<EventData<"system_info">>;
  devices(): Promise<EventData<"devices">>;
  eventLoopLag(): EventData<"performance_metrics">["event_loop_lag_ms"];
  droppedEvents(): number;
}

/** A session with everything that its commands act on. */
export interface Joined {
  readonly session: Session;
  readonly conversation: ConversationPort;
  readonly clientAudio: ClientAudioPort;
  readonly server: ServerPort;
  /** Which microphone is being heard: a device's name, `client`, or `none`. */
  readonly microphoneName: () => string;
  /** Starts the scripted conversation, unless it runs; returns how many lines it has. */
  startDemo(options: { readonly script?: string; readonly speed?: number }): Promise<number>;
  /** Ends the scripted conversation, if it runs. */
  stopDemo(): void;
}

/** Commands that concern the connection and not the session: the server answers them itself. */
export type ConnectionCommand =
  | "connect"
  | "subscribe"
  | "unsubscribe"
  | "ping"
  | "audio_start"
  | "audio_stop";
/** Commands that act on a session. */
export type SessionCommand = Exclude<CommandName, ConnectionCommand>;

type Execute<N extends CommandName> = (
  data: CommandData<N>,
  joined: Joined,
) => EventBody | Promise<EventBody>;

const ack = (data: EventData<"ack"> = {}): EventBody => ({ type: "ack", data });

const EXECUTE: { readonly [N in SessionCommand]: Execute<N> } = {
  stt_start({ mode, device }, { conversation, microphoneName, stopDemo }) {
    if (device !== undefined && device !== microphoneName()) {
      throw new ParleyError(
        "NOT_FOUND",
        `This session's microphone is "${microphoneName()}", not "${device}".`,
      );
    }
    stopDemo();
    if (microphoneName() === "none") {
      throw new ParleyError(
        "DEVICE_ERROR",
        "There is no microphone: connect one, or send this session audio with audio_start.",
      );
    }
    conversation.startListening(mode);
    return ack({ mode, device: microphoneName() });
  },
  stt_stop(_data, { conversation, stopDemo }) {
    stopDemo();
    conversation.stopListening();
    return ack();
  },
  message: ({ text }, { conversation }) => ack({ turn_id: conversation.message(text) }),
  say: ({ text, voice }, { conversation }) => ack({ turn_id: conversation.say(text, voice) }),
  interrupt(_data, { conversation }) {
    const turnId = conversation.interrupt();
    return ack(turnId === undefined ? {} : { turn_id: turnId });
  },
  voice_mute: (_data, { conversation }) => (conversation.mute(true), ack()),
  voice_unmute: (_data, { conversation }) => (conversation.mute(false), ack()),
  demo_flow: async ({ script, speed }, { startDemo }) =>
    ack({ steps: await startDemo({ ...(script && { script }), ...(speed && { speed }) }) }),
  get_system_info: async (_data, { server }) => ({ type: "system_info", data: await server.systemInfo() }),
  get_performance_metrics: ({ turns }, { session, server }) => ({
    type: "performance_metrics",
    data: {
      turns: Math.min(session.metrics.turns, turns ?? Infinity),
      latency: session.metrics.percentiles(turns),
      event_loop_lag_ms: server.eventLoopLag(),
      dropped_events: server.droppedEvents(),
    },
  }),
  get_history: (_data, { conversation }) => ({
    type: "history",
    data: { messages: conversation.history.map(({ role, content }) => ({ role, content })) },
  }),
  clear_history: (_data, { conversation }) => (conversation.clearHistory(), ack()),
  list_devices: async (_data, { server }) => ({ type: "devices", data: await server.devices() }),
};

/** Does what the command says and returns its answer. Throws a `ParleyError` when it cannot be done. */
export async function execute(
  command: Extract<Command, { type: SessionCommand }>,
  joined: Joined,
): Promise<EventBody> {
  // The union of commands pairs each type with its data, which indexing the table loses.
  const run = EXECUTE[command.type] as Execute<SessionCommand>;
  return await run(command.data, joined);
}
