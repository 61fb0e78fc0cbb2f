import assert from "node:assert/strict";
import { aiSdk } from "../../../../models/engines/llm/ai_sdk.ts";
import type { LlmPart, Message, ToolSpec } from "../../../../pipeline/engines.ts";
import { type ChatServer, chatServer, delta, streamed } from "./chat_server.ts";

const HELLO: Message[] = [{ role: "user", content: "hello" }];
const WEATHER: ToolSpec = {
  name: "get_weather",
  description: "Tells the weather",
  parameters: { type: "object" },
};

interface Asked {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly messages?: readonly Message[];
}

async function* ask(
  { baseUrl }: Pick<ChatServer, "baseUrl">,
  { options, messages = HELLO }: Asked = {},
): AsyncGenerator<LlmPart> {
  const { signal } = new AbortController();
  const settings = aiSdk.options.parse({ base_url: baseUrl, model: "small", ...options });
  await using llm = await aiSdk.load(settings, { signal });
  yield* llm.generate(messages, { signal });
}

Deno.test("manners: a model that refuses tools is asked without them, and not offered them again", async () => {
  const refusals: [number, string][] = [
    [400, "registry.ollama.ai/library/gemma3:4b does not support tools"],
    [400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'],
    [500, "tools param requires --jinja flag"],
  ];
  for (const [status, message] of refusals) {
    await using server = chatServer(
      () => Response.json({ error: { message } }, { status }),
      () => streamed([delta({ content: "Hi" }, "stop")]),
    );
    const settings = aiSdk.options.parse({ base_url: server.baseUrl, model: "small" });
    await using llm = await aiSdk.load(settings, { signal: new AbortController().signal });
    for (let turn = 0; turn < 2; turn++) {
      const call = { signal: new AbortController().signal, tools: [WEATHER] };
      const parts = await Array.fromAsync(llm.generate(HELLO, call));
      assert.deepEqual(parts.map(({ type }) => type), ["text", "end"]);
    }
    assert.deepEqual(server.requests.map(({ body }) => body.tools?.length ?? 0), [1, 0, 0], message);
  }
});

Deno.test("manners: what one side says in several messages is sent as one", async () => {
  await using server = chatServer(() => streamed([delta({ content: "Sorry." }, "stop")]));
  const messages: Message[] = [
    { role: "user", content: "tell me" },
    { role: "assistant", content: "" }, // Interrupted before a word of it was heard.
    { role: "user", content: "tell me a joke" },
    { role: "assistant", content: "No." },
    { role: "assistant", content: "Your timer is done." },
    { role: "user", content: "thanks" },
  ];
  await Array.fromAsync(ask(server, { messages }));
  assert.deepEqual(server.requests[0]!.body.messages, [
    { role: "user", content: "tell me\ntell me a joke" },
    { role: "assistant", content: "No.\nYour timer is done." },
    { role: "user", content: "thanks" },
  ]);
});

Deno.test("manners: the limit of an answer is called as the server wants it", async () => {
  const message =
    "Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.";
  await using server = chatServer(
    () => Response.json({ error: { message } }, { status: 400 }),
    () => Response.json({ error: { message: "small does not support tools" } }, { status: 400 }),
    () => streamed([delta({ content: "Hi" }, "stop")]),
  );
  const settings = aiSdk.options.parse({ base_url: server.baseUrl, model: "small", max_new_tokens: 99 });
  await using llm = await aiSdk.load(settings, { signal: new AbortController().signal });
  const call = { signal: new AbortController().signal, tools: [WEATHER] };
  for (let turn = 0; turn < 2; turn++) {
    const parts = await Array.fromAsync(llm.generate(HELLO, call));
    assert.deepEqual(parts.map(({ type }) => type), ["text", "end"]);
  }
  const sent = server.requests.map((
    { body },
  ) => [body.max_tokens, body.max_completion_tokens, body.tools?.length]);
  const polite = [undefined, 99, undefined];
  assert.deepEqual(sent, [[99, undefined, 1], [undefined, 99, 1], polite, polite]);
});

Deno.test("manners: older turns are left out where a server has no room for them, in every conversation anew", async () => {
  const room = 20;
  const error = { message: "the request exceeds the available context size" };
  await using server = chatServer(({ body }) => {
    const tooMuch = body.messages.length - room;
    if (tooMuch <= 0) return streamed([delta({ content: "Hi" }, "stop")]);
    return tooMuch % 4 === 0 ? streamed([{ error }]) : Response.json({ error }, { status: 400 });
  });
  const settings = aiSdk.options.parse({ base_url: server.baseUrl, model: "small" });
  await using llm = await aiSdk.load(settings, { signal: new AbortController().signal });
  const turns = (count: number) =>
    Array.from({ length: count }, (_, index): Message[] => [
      { role: "user", content: `question ${index}` },
      { role: "assistant", content: `answer ${index}` },
    ]).flat();
  const beginnings = new Set<string>();
  for (let count = 20; count < 24; count++) {
    const messages: Message[] = [{ role: "system", content: "Be brief." }, ...turns(count), ...HELLO];
    const parts = await Array.fromAsync(llm.generate(messages, { signal: new AbortController().signal }));
    assert.deepEqual(parts.map(({ type }) => type), ["text", "end"]);
    const [system, first, ...rest] = server.requests.at(-1)!.body.messages;
    assert.deepEqual([system?.role, first?.role, rest.at(-1)?.content], ["system", "user", "hello"]);
    beginnings.add(first!.content);
  }
  assert.equal(beginnings.size, 1, [...beginnings].join());
  await Array.fromAsync(
    llm.generate([...turns(8), ...HELLO], { signal: new AbortController().signal }),
  );
  assert.equal(server.requests.at(-1)!.body.messages.length, 17);
});

Deno.test("manners: models are told not to think, unless the settings or the server say otherwise", async () => {
  const message = "Unsupported value: 'reasoning_effort' does not support 'none' with this model.";
  await using server = chatServer(
    () => streamed([delta({ content: "Hi" }, "stop")]),
    () => streamed([delta({ content: "Hi" }, "stop")]),
    () => Response.json({ error: { message } }, { status: 400 }),
    () => streamed([delta({ content: "Hi" }, "stop")]),
  );
  await Array.fromAsync(ask(server));
  await Array.fromAsync(ask(server, { options: { thinking: true } }));
  await Array.fromAsync(ask(server));
  const efforts = server.requests.map(({ body }) => body.reasoning_effort);
  assert.deepEqual(efforts, ["none", undefined, "none", undefined]);
});

Deno.test("manners: a greeting comes after a word of the user's where the server wants one", async () => {
  const message = "Conversation roles must alternate user/assistant/user/assistant/...";
  await using server = chatServer(
    () => Response.json({ error: { message } }, { status: 400 }),
    () => streamed([delta({ content: "Hi" }, "stop")]),
  );
  const messages: Message[] = [
    { role: "system", content: "Be brief." },
    { role: "assistant", content: "Good morning!" },
    { role: "user", content: "hello" },
  ];
  await Array.fromAsync(ask(server, { messages }));
  const roles = server.requests.map(({ body }) => body.messages.map(({ role }) => role).join(" "));
  assert.deepEqual(roles, ["system assistant user", "system user assistant user"]);
});
