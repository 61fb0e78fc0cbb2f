/** What a conversation is made of, and what of it can be changed. */
import type { Loudspeaker, Microphone } from "./audio.ts";
import type { Clock } from "./clock.ts";
import type { EndpointingSettings } from "./endpointing.ts";
import type { EnginePool } from "./engines.ts";
import type { Toolbox } from "./tools.ts";
import type { FactSink } from "./turn.ts";

/** What of a conversation can be changed while it goes on. */
export interface ConversationSettings {
  /** Who the assistant is: the first message that the language model reads. */
  readonly systemPrompt: string;
  readonly tools: Toolbox;
  readonly endpointing: EndpointingSettings;
  readonly voice?: string;
  readonly language?: string;
  /** What the assistant says where it doubts what it heard; without it, it answers whatever that was. */
  readonly sorry?: string;
}

/** What a conversation is made of. */
export interface ConversationOptions {
  readonly engines: EnginePool;
  readonly microphone: Microphone;
  readonly loudspeaker: Loudspeaker;
  readonly clock: Clock;
  readonly settings: ConversationSettings;
  /** Where every fact goes. */
  readonly sink: FactSink;
  /** The session's. Aborting it ends everything. */
  readonly signal: AbortSignal;
}
