/** What was said so far. */
import type { Message } from "./engines.ts";

/** What was said, as clients see it. */
export interface HistoryEntry {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/** Messages that are kept: the language model's engine trims them further to its context. */
const MESSAGES_KEPT = 200;
/** So many are let go of at a time: whatever has been computed of a conversation holds as long as it begins as it did. */
const MESSAGES_DROPPED = 100;

/** Oldest first: for the language model with its tool calls, for clients without. */
export class History {
  #messages: Message[] = [];

  /** What the language model is given. */
  get messages(): readonly Message[] {
    return this.#messages;
  }

  /** What clients are told. */
  get entries(): readonly HistoryEntry[] {
    return this.#messages.flatMap((message) =>
      (message.role === "user" || message.role === "assistant") && message.content
        ? [{ role: message.role, content: message.content }]
        : []
    );
  }

  add(...messages: readonly Message[]): void {
    const all = [...this.#messages, ...messages];
    const kept = all.length > MESSAGES_KEPT + MESSAGES_DROPPED ? all.slice(-MESSAGES_KEPT) : all;
    // Servers refuse a tool's result without its call.
    this.#messages = kept.slice(Math.max(0, kept.findIndex(({ role }) => role !== "tool")));
  }

  /** Forgets everything; `entries` is what was said instead. */
  restart(entries: readonly HistoryEntry[] = []): void {
    this.#messages = [];
    this.add(...entries.map(({ role, content }) => ({ role, content })));
  }
}
