/** The messages of the Wyoming protocol that speech engines send and understand. */
import { z } from "zod";

const soundFormat = z.object({
  rate: z.number().int().min(1000).max(384_000),
  width: z.number().int().min(1).max(8),
  channels: z.number().int().min(1).max(8),
});
const name = z.string().min(1).max(200);
const program = { name: name.nullish() };
const language = z.string().max(100).nullish();
const asrModel = z.object({ languages: z.array(z.string()).nullish() });
const nothing = z.object({});

/** What servers say, by type. Further fields are left out. */
const RECEIVED = {
  info: z.object({
    asr: z.array(z.object({ ...program, models: z.array(asrModel).nullish() })).nullish(),
    tts: z.array(z.object({ ...program, voices: z.array(z.object({ name })).nullish() })).nullish(),
  }),
  transcript: z.object({ text: z.string(), language }),
  "transcript-start": z.object({ language }),
  "transcript-chunk": z.object({ text: z.string() }),
  "transcript-stop": nothing,
  "audio-start": soundFormat,
  "audio-chunk": soundFormat,
  "audio-stop": nothing,
  error: nothing,
};

type Received = typeof RECEIVED;

/** A message of a server, `payload` its raw bytes: the sound of an `audio-chunk`. */
export type WyomingMessage = {
  readonly [K in keyof Received]: {
    readonly type: K;
    readonly data: z.output<Received[K]>;
    readonly payload: Uint8Array;
  };
}[keyof Received];

/** What clients say, by type. */
export interface WyomingRequests {
  readonly describe: Readonly<Record<never, never>>;
  readonly transcribe: { readonly name?: string | undefined; readonly language?: string | undefined };
  readonly "audio-start": z.input<typeof soundFormat>;
  readonly "audio-chunk": z.input<typeof soundFormat>;
  readonly "audio-stop": Readonly<Record<never, never>>;
  readonly synthesize: { readonly text: string; readonly voice?: { readonly name: string } | undefined };
}

/** The first line of a message: how much follows it. */
export const messageHead = z.object({
  type: z.string(),
  data: z.record(z.string(), z.unknown()).nullish(),
  data_length: z.number().int().min(0).nullish(),
  payload_length: z.number().int().min(0).nullish(),
});

/** Further data of a message. */
export const messageData = z.record(z.string(), z.unknown());

/** The message, or nothing where its type is none of those above. Throws what zod throws where it is wrong. */
export function toMessage(
  type: string,
  data: Readonly<Record<string, unknown>>,
  payload: Uint8Array,
): WyomingMessage | undefined {
  if (!Object.hasOwn(RECEIVED, type)) return undefined;
  const schema = RECEIVED[type as keyof Received];
  return { type, data: schema.parse(data), payload } as WyomingMessage;
}
