/** How each engine of the registry is set up to be tested. */
import type { Task } from "../../pipeline/engines.ts";
import type { EngineChoice } from "../../models/profiles.ts";
import { starterChoice } from "../../models/selection.ts";

/** An engine's configuration, and whatever must be there while it is tested. */
export interface EngineFixture extends AsyncDisposable {
  readonly choice: EngineChoice;
}

/** Engines that the starter profile has not. */
const FIXTURES: Readonly<Record<string, () => EngineFixture>> = { "llm/ai_sdk": chatServer };

/** The fixture of an engine: the starter profile has it, or it has its own. */
export function engineFixture(task: Task, engine: string): EngineFixture {
  const own = FIXTURES[`${task}/${engine}`];
  if (own) return own();
  const choice = starterChoice(task);
  if (choice.engine === engine) return { choice, [Symbol.asyncDispose]: () => Promise.resolve() };
  throw new TypeError(`Cannot test the ${task} engine "${engine}": say here how to set it up`);
}

/** A server with the API that every OpenAI-compatible one has, telling the same joke always. */
function chatServer(): EngineFixture {
  const events = [
    ...["Why ", "not?"].map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
    {
      choices: [{ index: 0, delta: {}, finish_reason: "stop" }],
      usage: { prompt_tokens: 4, completion_tokens: 2 },
    },
  ];
  const lines = [...events.map((event) => JSON.stringify({ id: "1", model: "joker", ...event })), "[DONE]"];
  const answer = lines.map((line) => `data: ${line}\n\n`).join("");
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    await request.text();
    return new Response(answer, { headers: { "content-type": "text/event-stream" } });
  });
  const baseUrl = `http://127.0.0.1:${server.addr.port}/v1`;
  return {
    choice: { engine: "ai_sdk", options: { base_url: baseUrl, model: "joker" } },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
