/** What surrounds every event. */
import { z } from "zod";
import { type EventBody, type EventName, EVENTS } from "./events.ts";

/** Everything of an event beside its type and data. */
export const envelope = z.object({
  timestamp: z.iso.datetime(),
  /** Per session 1, 2, 3 …; absent on events meant for one client only. */
  seq: z.number().int().min(1).optional(),
  session_id: z.string(),
  turn_id: z.string().optional(),
  /** The command that this answers. */
  id: z.string().optional(),
});

/** Everything of an event beside its type and data. */
export type Envelope = z.infer<typeof envelope>;

/** Every event, whole: discriminated by `type`. */
export const anyEvent = z.discriminatedUnion(
  "type",
  // A tuple of at least one member, which a mapped array cannot express to the compiler.
  Object.entries(EVENTS).map(([type, data]) =>
    envelope.extend({ type: z.literal(type), data }).meta({ id: `${type}_event` })
  ) as unknown as [z.ZodObject<{ type: z.ZodLiteral<EventName>; data: z.ZodType }>],
).meta({ id: "Event" });

/** A stretch of the log, as `replay` carries it. */
export interface Replayed {
  /** Written as {@linkcode encodeEvent} writes them. */
  readonly events: readonly string[];
  readonly fromSeq: number;
  readonly toSeq: number;
  readonly complete: boolean;
}

/** Writes a `replay` of events that have been checked when they were first written. */
export function encodeReplay({ events, fromSeq, toSeq, complete }: Replayed, around: Envelope): string {
  const data = { events: [], from_seq: fromSeq, to_seq: toSeq, complete };
  // Reading ten thousand events to write them again as they were would hold up everything else.
  return encodeEvent({ type: "replay", data }, around)
    .replace(`"events":[]`, () => `"events":[${events.join(",")}]`);
}

/** Checks an event and writes it. Throws `ZodError` when it is not as the contract says. */
export function encodeEvent({ type, data }: EventBody, around: Envelope): string {
  EVENTS[type].parse(data);
  envelope.parse(around);
  const { timestamp, seq, session_id, turn_id, id } = around;
  return JSON.stringify({ type, data, timestamp, seq, session_id, turn_id, id });
}
