/** The TypeScript client: types, and the class that talks. */
import { ANSWERS } from "../protocol/commands.ts";
import type { ContractSchema } from "./schema.ts";
import { mapsOf, typesIn } from "./types.ts";

/** One module without imports, for browsers, Deno, Node and webviews. */
export async function typescriptClient(contract: ContractSchema): Promise<string> {
  const types = await typesIn("typescript", contract, {
    "just-types": true,
    "acronym-style": "camel",
    "prefer-unions": true,
    readonly: true,
  });
  const source = await Deno.readTextFile(new URL("./client_class.ts", import.meta.url));
  const classText = source.slice(source.indexOf("/** How a client connects"));
  const map = (names: Readonly<Record<string, string>>) =>
    Object.entries(names).map(([type, name]) => `  readonly ${type}: ${name};`).join("\n");
  const answers = Object.entries(ANSWERS).map(([type, answer]) => `  readonly ${type}: "${answer}";`).join(
    "\n",
  );
  const maps = mapsOf(contract).map((name) => `export type ${name} = { readonly [key: string]: unknown };`);
  return `${types}
${maps.join("\n")}

/** The data of each event, by its type. */
export interface EventMap {
${map(contract.events)}
}

/** The data of each command, by its type. */
export interface CommandMap {
${map(contract.commands)}
}

/** The events that answer commands; all others are answered by \`ack\`. */
export interface AnswerMap {
${answers}
}

export type EventType = keyof EventMap;
export type CommandType = keyof CommandMap;
/** The type of the event that answers a command. */
export type AnswerType<C extends CommandType> = C extends keyof AnswerMap ? AnswerMap[C] : "ack";

/** An event, server → client. */
export type ParleyEvent<T extends EventType = EventType> = {
  [K in T]: Omit<Envelope, "timestamp"> & { readonly timestamp: string; readonly type: K; readonly data: EventMap[K] };
}[T];

${classText}`;
}
