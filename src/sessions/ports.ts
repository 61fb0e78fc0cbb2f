/** What a session's commands act on, as the session sees it: the house behind it stays out of sight. */
import type { ConversationState, ListeningMode, TurnSource } from "../../pipeline/events.ts";
import type { CommandData } from "../protocol/commands.ts";
import type { EventData } from "../protocol/events.ts";
import type { Session } from "./session.ts";

/** What a session does with its conversation. */
export interface ConversationPort {
  readonly mode: ListeningMode | undefined;
  readonly state: ConversationState;
  readonly muted: boolean;
  readonly history: readonly EventData<"history">["messages"][number][];
  /** What the language model would read before the user's next words. */
  readonly prompt: readonly unknown[];
  /** Forgets what was said; `entries` was said instead. */
  restartHistory(entries?: EventData<"history">["messages"]): void;
  startListening(mode: ListeningMode, source?: TurnSource): void;
  stopListening(): void;
  mute(muted: boolean): void;
  /** These three return the turn's id. */
  message(text: string): string;
  say(text: string, voice?: string): string;
  interrupt(): string | undefined;
}

/** Where clients send their sound. */
export interface ClientAudioPort {
  /** From now on the session hears what is pushed, at this rate. Whoever was heard before is not any more. */
  start(sampleRateHz: number): ClientSound;
}

/** The sound of one client. Disposing it lets the session hear what it heard before. */
export interface ClientSound extends Disposable {
  /** Throws `VALIDATION_ERROR` for what cannot be PCM16, `CONFLICT` when another client has taken over. */
  push(bytes: Uint8Array): void;
}

/** What of a session can be changed by its clients. */
export interface SettingsPort {
  readonly current: EventData<"session_update">;
  /** Tells the session's clients how it is set: something it does not decide, such as a model, has changed. */
  announce(): void;
  /** All of it or nothing. Throws `NOT_FOUND` for names that do not exist, `VALIDATION_ERROR` for what does not fit. */
  update(changes: CommandData<"session_update">): void;
  /** Begins afresh by a configured preset. Throws `NOT_FOUND`. */
  begin(preset: CommandData<"start_conversation">): void;
}

/** What the user asked to remember. */
export interface MemoryPort {
  store(text: string): { readonly memoryId: string; readonly text: string };
  search(query: string, limit: number): readonly {
    readonly memoryId: string;
    readonly text: string;
    readonly score: number;
  }[];
  /** Throws `NOT_FOUND`. */
  forget(memoryId: string): void;
}

/** The models of the server, which all sessions share. What comes of loading and pulling is told to all of them. */
export interface ModelsPort {
  list(): Promise<EventData<"models">["models"]>;
  /** Fetches the model where it is not here, and lets it take over unless another is asked for by then. Throws `NOT_FOUND`. */
  load(wanted: CommandData<"load_model">): void;
  /** Fetches a model, or those of a profile. Throws `NOT_FOUND`. */
  pull(wanted: CommandData<"pull_model">): void;
}

/** What the server as a whole can tell and do. */
export interface ServerPort {
  systemInfo(): Promise<EventData<"system_info">>;
  devices(): Promise<EventData<"devices">>;
  /** Throws `NOT_FOUND` for a device that is not there. */
  selectDevice(choice: CommandData<"select_device">): Promise<void>;
  readonly models: ModelsPort;
  eventLoopLag(): EventData<"performance_metrics">["event_loop_lag_ms"];
  droppedEvents(): number;
}

/** A session with everything that its commands act on. */
export interface Joined {
  readonly session: Session;
  readonly conversation: ConversationPort;
  readonly clientAudio: ClientAudioPort;
  readonly settings: SettingsPort;
  readonly memory: MemoryPort;
  readonly server: ServerPort;
  /** Owns the machine's devices. */
  readonly hasDevices: boolean;
  /** Which microphone is being heard: a device's name, `client`, or `none`. */
  readonly microphoneName: () => string;
  /** Starts the scripted conversation, unless it runs; returns how many lines it has. */
  startDemo(options: { readonly script?: string; readonly speed?: number }): Promise<number>;
  /** Ends the scripted conversation, if it runs. */
  stopDemo(): void;
  /** Keeps what commands have changed of the history, where sessions are kept. */
  save(): void;
}
