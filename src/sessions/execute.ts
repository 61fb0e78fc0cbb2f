/** What each command does to its session: one function a command. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { ANSWERS, Command, CommandData, CommandName } from "../protocol/commands.ts";
import type { EventBody, EventData } from "../protocol/events.ts";
import { debugResponse, performanceMetrics } from "./debug.ts";
import type { Joined } from "./ports.ts";

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

/** The type of the event that answers a command. */
type AnswerOf<N extends CommandName> = N extends keyof typeof ANSWERS ? (typeof ANSWERS)[N] : "ack";

type Execute<N extends CommandName> = (
  data: CommandData<N>,
  joined: Joined,
) => Answer<AnswerOf<N>> | Promise<Answer<AnswerOf<N>>>;

type Answer<A extends EventBody["type"]> = Extract<EventBody, { type: A }>;

const ack = (data: EventData<"ack"> = {}): Answer<"ack"> => ({ type: "ack", data });

const EXECUTE: { readonly [N in SessionCommand]: Execute<N> } = {
  start_conversation(data, { session, settings, conversation }) {
    settings.begin(data);
    return { type: "session_info", data: session.info(conversation.mode, true) };
  },
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
  session_update(changes, { settings }) {
    settings.update(changes);
    return { type: "session_update", data: settings.current };
  },
  get_system_info: async (_data, { server }) => ({ type: "system_info", data: await server.systemInfo() }),
  get_performance_metrics: ({ turns }, joined) => ({
    type: "performance_metrics",
    data: performanceMetrics(joined, turns),
  }),
  get_history: (_data, { conversation }) => ({
    type: "history",
    data: { messages: conversation.history.map(({ role, content }) => ({ role, content })) },
  }),
  clear_history: (_data, { conversation, save }) => (conversation.restartHistory(), save(), ack()),
  list_devices: async (_data, { server }) => ({ type: "devices", data: await server.devices() }),
  async select_device(choice, { server, hasDevices }) {
    if (!hasDevices) {
      throw new ParleyError("UNAVAILABLE", "This session has no devices; its sound comes from its clients.");
    }
    await server.selectDevice(choice);
    return { type: "devices", data: await server.devices() };
  },
  list_models: async (_data, { server }) => ({
    type: "models",
    data: { models: await server.models.list() },
  }),
  load_model: (wanted, { server }) => (server.models.load(wanted), ack()),
  pull_model: (wanted, { server }) => (server.models.pull(wanted), ack()),
  memory_add({ text }, { memory, session }) {
    const { memoryId, text: stored } = memory.store(text);
    const event = { type: "memory_store", data: { memory_id: memoryId, text: stored } } as const;
    session.publish(event);
    return event;
  },
  memory_search({ query, limit = 10 }, { memory }) {
    const items = memory.search(query, limit).map(({ memoryId, text, score }) => (
      { memory_id: memoryId, text, score }
    ));
    return { type: "memory_recall", data: { query, items } };
  },
  memory_forget: ({ memory_id }, { memory }) => (memory.forget(memory_id), ack()),
  debug_request: async ({ debug_type }, joined) => ({
    type: "debug_response",
    data: await debugResponse(debug_type, joined),
  }),
};

/** Does what the command says and returns its answer. Throws a `ParleyError` when it cannot be done. */
export async function execute(
  command: Extract<Command, { type: SessionCommand }>,
  joined: Joined,
): Promise<EventBody> {
  // The union of commands pairs each type with its data, which indexing the table loses.
  const run = EXECUTE[command.type] as (data: typeof command.data, joined: Joined) => Promise<EventBody>;
  return await run(command.data, joined);
}
