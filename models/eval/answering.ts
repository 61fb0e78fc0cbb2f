/** How often the assistant does what was asked for. */
import type { CallOptions, LanguageModel, Message, SpeechToText, ToolSpec } from "../../pipeline/engines.ts";
import { type Call, type Meanings, sameCall } from "./calls.ts";
import { readWhole } from "./reading.ts";
import type { Request } from "./requests.ts";
import { speak } from "./speech.ts";
import { isRejected } from "./tally.ts";
import type { Watched } from "./watched.ts";

/** What {@linkcode evaluateAnswering} works with. */
export interface AnsweringOptions extends Watched {
  readonly llm: LanguageModel;
  /** Hears the requests; without it they are typed alone. */
  readonly stt?: SpeechToText;
  readonly systemPrompt: string;
  readonly tools: readonly ToolSpec[];
  readonly meanings: Meanings;
  readonly requests: readonly Request[];
}

/** How many first replies are right: the same call, or speech where that is expected. */
export interface AnsweringFigures {
  readonly requests: number;
  /** Right when they are typed. */
  readonly typedRight: number;
  /** When they are spoken; missing where nobody listened. */
  readonly spoken?: {
    /** What the recogniser rejects is asked for again, so it is not among these. */
    readonly right: number;
    readonly rejected: number;
  };
}

/** Asks every request by text and, where there is a recogniser, by voice. */
export async function evaluateAnswering(options: AnsweringOptions): Promise<AnsweringFigures> {
  const { stt, requests, meanings, signal, onProgress } = options;
  let typedRight = 0;
  const spoken = { right: 0, rejected: 0 };
  for (const [index, { text, call, voice }] of requests.entries()) {
    const typed = await firstReply(text, options);
    if (sameCall(call, typed, meanings)) typedRight++;
    if (stt) {
      const { transcript } = await readWhole(stt, await speak(text, voice, { signal }), { signal });
      const heard = transcript.text.trim();
      if (isRejected(transcript)) spoken.rejected++;
      else if (sameCall(call, heard === text ? typed : await firstReply(heard, options), meanings)) {
        spoken.right++;
      }
    }
    onProgress(stt ? "typed and spoken requests" : "typed requests", index + 1, requests.length);
  }
  return { requests: requests.length, typedRight, ...(stt && { spoken }) };
}

/** The call that the model answers with first, or none where it speaks: as a conversation's first turn asks it. */
async function firstReply(
  text: string,
  { llm, systemPrompt, tools, signal }: AnsweringOptions & CallOptions,
): Promise<Call | undefined> {
  const messages: Message[] = [{ role: "system", content: systemPrompt }, { role: "user", content: text }];
  let call: Call | undefined;
  for await (const part of llm.generate(messages, { tools, signal })) {
    if (part.type === "tool_call") call ??= { tool: part.name, args: part.args };
  }
  return call;
}
