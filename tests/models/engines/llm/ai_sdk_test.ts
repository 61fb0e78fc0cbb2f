import assert from "node:assert/strict";
import { aiSdk } from "../../../../models/engines/llm/ai_sdk.ts";
import type { LlmPart, Message, ToolSpec } from "../../../../pipeline/engines.ts";
import { ParleyError } from "../../../../pipeline/errors.ts";
import { type ChatServer, chatServer, delta, stalled, streamed } from "./chat_server.ts";

const KEY_ENV = "PARLEY_TEST_KEY";
const KEY = "sk-not-to-be-told";
const HELLO: Message[] = [{ role: "user", content: "hello" }];
const WEATHER: ToolSpec = {
  name: "get_weather",
  description: "Tells the weather",
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const USAGE = { choices: [], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } };

interface Asked {
  readonly signal?: AbortSignal;
  readonly tools?: readonly ToolSpec[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly messages?: readonly Message[];
}

async function* ask(
  { baseUrl }: Pick<ChatServer, "baseUrl">,
  { signal = new AbortController().signal, tools = [], options, messages = HELLO }: Asked = {},
): AsyncGenerator<LlmPart> {
  const settings = aiSdk.options.parse({ base_url: baseUrl, model: "small", ...options });
  await using llm = await aiSdk.load(settings, { signal });
  yield* llm.generate(messages, { signal, tools });
}

function assertFails(server: Pick<ChatServer, "baseUrl">, code: string, asked?: Asked): Promise<void> {
  return assert.rejects(Array.fromAsync(ask(server, asked)), (error) => {
    assert.ok(error instanceof ParleyError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, /^[A-Z].*[.?]$/);
    assert.ok(!Deno.inspect(error, { depth: 20 }).includes(KEY), "tells the key");
    return true;
  });
}

Deno.test("ai_sdk: text, reasoning and usage come as they are streamed", async () => {
  await using server = chatServer(() =>
    streamed([
      delta({ role: "assistant", reasoning_content: "A greeting." }),
      delta({ content: "Hel" }),
      delta({ content: "lo – ñ!" }),
      delta({}, "stop"),
      USAGE,
    ])
  );
  assert.deepEqual(await Array.fromAsync(ask(server)), [
    { type: "thought", delta: "A greeting." },
    { type: "text", delta: "Hel" },
    { type: "text", delta: "lo – ñ!" },
    { type: "end", reason: "stop", usage: { inputTokens: 7, outputTokens: 3 } },
  ]);
});

Deno.test("ai_sdk: thoughts that a server sends as text are thoughts all the same", async () => {
  const pieces = ["<thi", "nk>\nA gree", "ting.\n</th", "ink>\n\nHel", "lo, 1 < 2!"];
  await using server = chatServer(() =>
    streamed([...pieces.map((content) => delta({ content })), delta({}, "stop"), USAGE])
  );
  const parts = await Array.fromAsync(ask(server));
  const all = (type: "text" | "thought") =>
    parts.map((part) => part.type === type ? part.delta : "").join("").trim();
  assert.deepEqual([all("thought"), all("text")], ["A greeting.", "Hello, 1 < 2!"]);
  assert.equal(parts.at(-1)?.type, "end");
});

Deno.test("ai_sdk: a tool call is put together from its pieces", async () => {
  const call = (rest: object) => delta({ tool_calls: [{ index: 0, ...rest }] });
  await using server = chatServer(() =>
    streamed([
      call({ id: "c1", type: "function", function: { name: "get_weather", arguments: "" } }),
      call({ function: { arguments: '{"ci' } }),
      call({ function: { arguments: 'ty":"Bern"}' } }),
      delta({}, "tool_calls"),
      USAGE,
    ])
  );
  const [toolCall, end] = await Array.fromAsync(ask(server, { tools: [WEATHER] }));
  assert.deepEqual(toolCall, {
    type: "tool_call",
    callId: "c1",
    name: "get_weather",
    args: { city: "Bern" },
  });
  assert.equal(end?.type === "end" && end.reason, "tool_calls");
  const told = server.requests[0]!.body.tools?.[0]?.function;
  assert.deepEqual([told?.name, told?.description], [WEATHER.name, WEATHER.description]);
  assert.deepEqual(told?.parameters.required, ["city"]);
});

Deno.test("ai_sdk: tools are not offered where the settings say so, and other refusals are told", async () => {
  await using server = chatServer(
    () => streamed([delta({ content: "Hi" }, "stop")]),
    () => Response.json({ error: { message: "too long" } }, { status: 400 }),
  );
  await Array.fromAsync(ask(server, { tools: [WEATHER], options: { tools: false } }));
  assert.equal(server.requests[0]!.body.tools, undefined);
  await assertFails(server, "MODEL_ERROR", { tools: [WEATHER] });
  assert.equal(server.requests.length, 2);
});

Deno.test("ai_sdk: arguments that are no JSON are given on as they are, for the tool to refuse", async () => {
  const broken = {
    index: 0,
    id: "c1",
    type: "function",
    function: { name: "get_weather", arguments: "{ci" },
  };
  await using server = chatServer(() => streamed([delta({ tool_calls: [broken] }), delta({}, "tool_calls")]));
  const [toolCall, end] = await Array.fromAsync(ask(server, { tools: [WEATHER] }));
  assert.deepEqual(toolCall, { type: "tool_call", callId: "c1", name: "get_weather", args: "{ci" });
  assert.equal(end?.type, "end");
});

Deno.test("ai_sdk: the conversation is sent with its tool calls and results", async () => {
  await using server = chatServer(() => streamed([delta({ content: "Rain." }, "length")]));
  const messages: Message[] = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "weather" },
    {
      role: "assistant",
      content: "",
      toolCalls: [{ callId: "c1", name: "get_weather", args: { city: "Bern" } }],
    },
    { role: "tool", callId: "c1", name: "get_weather", content: '{"sky":"grey"}' },
    { role: "assistant", content: "" }, // Interrupted before a word of it was heard.
    { role: "user", content: "and now" },
  ];
  const parts = await Array.fromAsync(ask(server, { messages }));
  assert.deepEqual(parts.map((part) => part.type === "end" ? part.reason : part.type), ["text", "length"]);
  const [system, user, call, result, again, ...more] = server.requests[0]!.body.messages;
  assert.deepEqual(system, { role: "system", content: "Be brief." });
  assert.equal(user?.content, "weather");
  assert.deepEqual(call?.tool_calls?.[0]?.function, { name: "get_weather", arguments: '{"city":"Bern"}' });
  assert.deepEqual([result?.role, result?.tool_call_id, result?.content], ["tool", "c1", '{"sky":"grey"}']);
  assert.deepEqual([again?.role, again?.content, more], ["user", "and now", []]);
});

Deno.test("ai_sdk: a call whose arguments could not be read is sent again with an object, as servers must have", async () => {
  await using server = chatServer(() => streamed([delta({ content: "Sorry." }, "stop")]));
  const messages = ["{ci", 7, undefined].flatMap((args, index): Message[] => [
    { role: "user", content: "weather" },
    { role: "assistant", content: "", toolCalls: [{ callId: `c${index}`, name: "get_weather", args }] },
    { role: "tool", callId: `c${index}`, name: "get_weather", content: '{"error":"…"}' },
  ]);
  await Array.fromAsync(ask(server, { messages }));
  const sent = server.requests[0]!.body.messages.flatMap(({ tool_calls = [] }) => tool_calls);
  assert.deepEqual(sent.map((call) => call.function.arguments), [
    '{"unreadable":"{ci"}',
    '{"unreadable":7}',
    "{}",
  ]);
});

Deno.test("ai_sdk: the key comes from the environment and is told nobody", async () => {
  const echo = (status: number) => ({ authorization }: { authorization: string | null }) =>
    Response.json({ error: { message: `Bad key ${authorization}` } }, { status });
  await using server = chatServer(echo(401), echo(403), echo(500));
  Deno.env.set(KEY_ENV, KEY);
  try {
    const asked = { options: { api_key_env: KEY_ENV } };
    await assertFails(server, "PERMISSION_DENIED", asked);
    await assertFails(server, "PERMISSION_DENIED", asked);
    await assertFails(server, "MODEL_ERROR", asked);
  } finally {
    Deno.env.delete(KEY_ENV);
  }
  assert.equal(server.requests[0]!.authorization, `Bearer ${KEY}`);
  assert.equal(server.requests.length, 3, "tries once each time");
  await assertFails(server, "VALIDATION_ERROR", { options: { api_key_env: KEY_ENV } });
});

Deno.test("ai_sdk: the key comes from a file as well", async () => {
  await using server = chatServer(
    () => streamed([delta({ content: "Hi" }, "stop")]),
    () => Response.json({}, { status: 401 }),
  );
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, `${KEY}\n`);
    await Array.fromAsync(ask(server, { options: { api_key_file: file } }));
    await assertFails(server, "PERMISSION_DENIED", { options: { api_key_file: file } });
  } finally {
    await Deno.remove(file);
  }
  assert.equal(server.requests[0]!.authorization, `Bearer ${KEY}`);
  await assertFails(server, "NOT_FOUND", { options: { api_key_file: file } });
});

for (
  const [status, code] of [[404, "NOT_FOUND"], [429, "RATE_LIMITED"], [500, "MODEL_ERROR"]] as const
) {
  Deno.test(`ai_sdk: HTTP ${status} is ${code}`, async () => {
    await using server = chatServer(() => new Response("{}", { status }));
    await assertFails(server, code);
  });
}

Deno.test("ai_sdk: an answer that is not the protocol's is MODEL_ERROR", async () => {
  await using server = chatServer(
    () => new Response("data: {not json\n\n", { headers: { "content-type": "text/event-stream" } }),
    () => Response.json({ hello: "world" }),
    () => new Response("<html>It works!</html>", { headers: { "content-type": "text/html" } }),
  );
  await assertFails(server, "MODEL_ERROR");
  await assertFails(server, "MODEL_ERROR");
  await assertFails(server, "MODEL_ERROR");
});

Deno.test("ai_sdk: nobody listening is UNAVAILABLE", async () => {
  const { baseUrl } = await (async () => {
    await using server = chatServer(() => new Response());
    return server;
  })();
  await assertFails({ baseUrl }, "UNAVAILABLE");
});

Deno.test("ai_sdk: a connection cut in the middle gives what came and is UNAVAILABLE", async () => {
  const said = [delta({ content: "Once upon" })];
  for (
    const cut of [
      (stream: ReadableStreamDefaultController) => void setTimeout(() => stream.error(new Error("cut")), 20),
      (stream: ReadableStreamDefaultController) => stream.close(),
    ]
  ) {
    await using server = chatServer(() => streamed(said, cut));
    const parts = ask(server);
    assert.deepEqual((await parts.next()).value, { type: "text", delta: "Once upon" });
    await assert.rejects(parts.next(), { code: "UNAVAILABLE" });
  }
});

Deno.test("ai_sdk: a server that stalls is TIMEOUT, at the beginning and in the middle", async () => {
  await using server = chatServer(
    () => stalled([]),
    () => stalled([delta({ content: "Well" })]),
  );
  await assertFails(server, "TIMEOUT", { options: { timeout_ms: 100 } });
  await assertFails(server, "TIMEOUT", { options: { timeout_ms: 100 } });
});

Deno.test("ai_sdk: a consumer that takes its time is not taken for a server that stalls", async () => {
  await using server = chatServer(() =>
    streamed([delta({ content: "One " }), delta({ content: "two" }), delta({}, "stop")])
  );
  const parts = ask(server, { options: { timeout_ms: 100 } });
  await parts.next();
  await new Promise((resolve) => setTimeout(resolve, 250));
  const rest = await Array.fromAsync(parts);
  assert.deepEqual(rest.map(({ type }) => type), ["text", "end"]);
});

Deno.test("ai_sdk: an abort rejects with the signal's reason and lets go of the connection", async () => {
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  await using server = chatServer(() => stalled([delta({ content: "Well" })], resolve));
  const controller = new AbortController();
  const parts = ask(server, { signal: controller.signal });
  await parts.next();
  const next = parts.next();
  controller.abort("barge_in");
  await assert.rejects(next, (reason) => reason === "barge_in");
  await letGo;
});

Deno.test("ai_sdk: a consumer that leaves early lets go of the connection", async () => {
  const { promise: letGo, resolve } = Promise.withResolvers<void>();
  await using server = chatServer(() => stalled([delta({ content: "Well" })], resolve));
  for await (const part of ask(server)) {
    assert.equal(part.type, "text");
    break;
  }
  await letGo;
});
