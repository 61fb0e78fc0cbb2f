import assert from "node:assert/strict";
import type { LlmPart, Message, ToolSpec } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { call, fakeEngines, text } from "../../support/fake_engines.ts";
import { failing, serviceStage } from "../../support/service_stage.ts";

const HELLO = [{ role: "user" as const, content: "hello" }];
const TIMER = {
  type: "function" as const,
  function: {
    name: "set_timer",
    description: "Sets a timer.",
    parameters: { type: "object", properties: { seconds: { type: "number" } } },
  },
};
const ASK = { model: "default", messages: HELLO };

/** A language model that says what is written down, and remembers what it was asked. */
function model(reply: () => Iterable<LlmPart> | AsyncIterable<LlmPart>) {
  const asked: { messages: readonly Message[]; tools: readonly ToolSpec[] | undefined }[] = [];
  const llm = {
    ...fakeEngines().llm,
    async *generate(messages: readonly Message[], { tools }: { tools?: readonly ToolSpec[] }) {
      asked.push({ messages, tools });
      yield* reply();
    },
  };
  return { asked, engines: { llm } };
}

Deno.test("chat: an answer comes whole, with what it used", async () => {
  const { asked, engines } = model(() => text("Well, hello there."));
  await using on = await serviceStage({ engines });
  const { choices, usage, model: name, object } = await on.client.chat.completions.create({
    model: "fake-llm",
    messages: [
      { role: "developer", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "hel" }, { type: "text", text: "lo" }] },
    ],
    temperature: 0.3,
  });
  assert.deepEqual([choices.length, choices[0]!.message.content], [1, "Well, hello there."]);
  assert.deepEqual([choices[0]!.finish_reason, name, object], ["stop", "fake-llm", "chat.completion"]);
  assert.deepEqual(usage, { prompt_tokens: 1, completion_tokens: 3, total_tokens: 4 });
  assert.deepEqual(asked, [{
    messages: [{ role: "system", content: "Be brief." }, { role: "user", content: "hello" }],
    tools: undefined,
  }]);
});

Deno.test("chat: a stream tells the answer piece by piece, its end, and what it used where that is wanted", async () => {
  const { engines } = model(() => text("Well, hello there."));
  await using on = await serviceStage({ engines });
  const stream = await on.client.chat.completions.create({
    ...ASK,
    stream: true,
    stream_options: { include_usage: true },
  });
  const chunks = await Array.fromAsync(stream);
  assert.deepEqual(chunks.map(({ choices }) => choices[0]?.delta.content), [
    "",
    "Well, ",
    "hello ",
    "there.",
    undefined,
    undefined,
  ]);
  assert.equal(chunks[0]!.choices[0]!.delta.role, "assistant");
  assert.equal(chunks[4]!.choices[0]!.finish_reason, "stop");
  assert.deepEqual(chunks.map(({ usage }) => usage?.total_tokens), [...Array(5).fill(undefined), 4]);
  assert.equal(new Set(chunks.map(({ id }) => id)).size, 1);
  const raw = await fetch(`${on.url}/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ ...ASK, stream: true }),
  });
  assert.match(raw.headers.get("content-type")!, /^text\/event-stream/);
  const body = await raw.text();
  assert.ok(body.endsWith("\n\ndata: [DONE]\n\n") && !body.includes("usage"));
});

Deno.test("chat: tools are called, whole and streamed, and their answers taken back", async () => {
  const { asked, engines } = model(() => call("set_timer", { seconds: 60 }));
  await using on = await serviceStage({ engines });
  const { choices: [choice] } = await on.client.chat.completions.create({ ...ASK, tools: [TIMER] });
  const expected = {
    id: "call-set_timer",
    type: "function",
    function: { name: "set_timer", arguments: '{"seconds":60}' },
  };
  assert.equal(choice!.finish_reason, "tool_calls");
  assert.equal(choice!.message.content, null);
  assert.deepEqual(choice!.message.tool_calls, [expected]);
  const { name, description, parameters } = TIMER.function;
  assert.deepEqual(asked[0]!.tools, [{ name, description, parameters }]);

  const streamed = await on.client.chat.completions.stream({ ...ASK, tools: [TIMER] })
    .finalChatCompletion();
  assert.equal(streamed.choices[0]!.finish_reason, "tool_calls");
  const [called] = streamed.choices[0]!.message.tool_calls!;
  assert.deepEqual({ id: called!.id, type: called!.type }, { id: "call-set_timer", type: "function" });
  assert.ok(called!.type === "function" && called!.function.arguments === '{"seconds":60}');

  await on.client.chat.completions.create({
    ...ASK,
    messages: [
      ...HELLO,
      choice!.message,
      { role: "tool", tool_call_id: "call-set_timer", content: '{"ok":true}' },
    ],
  });
  assert.deepEqual(asked.at(-1)!.messages.slice(1), [
    {
      role: "assistant",
      content: "",
      toolCalls: [{ callId: "call-set_timer", name: "set_timer", args: { seconds: 60 } }],
    },
    { role: "tool", callId: "call-set_timer", name: "set_timer", content: '{"ok":true}' },
  ]);
});

Deno.test("chat: a model that calls what it was not offered has called nothing", async () => {
  const { asked, engines } = model(() => call("set_timer", {}));
  await using on = await serviceStage({ engines });
  const { choices: [choice] } = await on.client.chat.completions.create({
    ...ASK,
    tools: [TIMER],
    tool_choice: "none",
  });
  assert.deepEqual([choice!.finish_reason, choice!.message.tool_calls], ["stop", undefined]);
  assert.equal(asked[0]!.tools, undefined);
});

Deno.test("chat: max_tokens ends the answer, and the model with it", async () => {
  let left = false;
  const { engines } = model(function* () {
    try {
      for (let i = 0;; i++) yield { type: "text", delta: `${i} ` };
    } finally {
      left = true;
    }
  });
  await using on = await serviceStage({ engines });
  const { choices: [choice], usage } = await on.client.chat.completions.create({ ...ASK, max_tokens: 3 });
  assert.deepEqual([choice!.message.content, choice!.finish_reason, usage], ["0 1 2 ", "length", undefined]);
  assert.ok(left);
});

Deno.test("chat: what cannot be done is refused, with the field and the reason", async () => {
  await using on = await serviceStage();
  const wrong: [object, RegExp, string][] = [
    [{ n: 2 }, /there is one answer/, "n"],
    [{ messages: [] }, /messages: /, "messages"],
    [
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:" } }] }] },
      /only text/,
      "messages[0].content[0].type",
    ],
    [
      { messages: [...HELLO, { role: "tool", tool_call_id: "x", content: "" }] },
      /no message before it/,
      "messages[1].tool_call_id",
    ],
    [{ messages: [{ role: "narrator", content: "" }] }, /role/, "messages[0].role"],
    [{ tool_choice: "required", tools: [TIMER] }, /"auto" or "none"/, "tool_choice"],
    [{ tools: [{ type: "function", function: { name: "a b" } }] }, /letters/, "tools[0].function.name"],
    [{ stop: ["x"] }, /ended/, "stop"],
    [{ response_format: { type: "json_object" } }, /free text/, "response_format.type"],
    [{ stream_options: { include_usage: true } }, /stream alone/, "stream_options"],
    [{ model: 5 }, /model: /, "model"],
  ];
  for (const [more, message, param] of wrong) {
    await assert.rejects(
      on.client.chat.completions.create({ ...ASK, ...more }),
      failing(400, message, { param }),
      param,
    );
  }
  await assert.rejects(
    on.client.chat.completions.create({ ...ASK, model: "gpt-5" }),
    failing(404, /no model "gpt-5".*"fake-llm", "default"/, { code: "model_not_found", param: "model" }),
  );
  const raw = await fetch(`${on.url}/chat/completions`, { method: "POST", body: "{nonsense" });
  assert.equal(raw.status, 400);
  assert.deepEqual(await raw.json(), {
    error: {
      message: "The body is not JSON.",
      type: "invalid_request_error",
      param: null,
      code: "validation_error",
    },
  });
});

Deno.test("chat: a failure has a status where nothing was sent yet, and is the last event where something was", async () => {
  let failures: () => Iterable<LlmPart> = () => {
    throw new ParleyError("PAYLOAD_TOO_LARGE", "That is more than it can read.");
  };
  const { engines } = model(() => failures());
  await using on = await serviceStage({ engines });
  for (const stream of [false, true]) {
    await assert.rejects(
      on.client.chat.completions.create({ ...ASK, stream }),
      failing(400, /more than it can read/, { code: "context_length_exceeded" }),
    );
  }
  failures = () => {
    throw new Error("of /home/somebody/secret.txt");
  };
  await assert.rejects(on.client.chat.completions.create(ASK), (error: Error & { status: number }) => {
    assert.equal(error.status, 500);
    assert.ok(!error.message.includes("secret"));
    return true;
  });
  failures = function* () {
    yield { type: "text", delta: "Half" };
    throw new ParleyError("MODEL_ERROR", "The engine died.");
  };
  const told: string[] = [];
  const stream = await on.client.chat.completions.create({ ...ASK, stream: true });
  await assert.rejects(async () => {
    for await (const { choices } of stream) told.push(choices[0]!.delta.content ?? "");
  }, { message: /The engine died/ });
  assert.deepEqual(told, ["", "Half"]);
});

Deno.test("models: the engines are listed by their names", async () => {
  await using on = await serviceStage();
  const models = await Array.fromAsync(await on.client.models.list());
  assert.deepEqual(models.map(({ id }) => id), ["fake-vad", "fake-turn", "fake-stt", "fake-llm", "fake-tts"]);
  assert.deepEqual(await on.client.models.retrieve("fake-tts"), models[4]);
  assert.deepEqual([models[3]!.owned_by, models[3]!.object], ["parley", "model"]);
  await assert.rejects(
    on.client.models.retrieve("gpt-5"),
    failing(404, /no model "gpt-5"/, { code: "model_not_found" }),
  );
  const other = await fetch(`${on.url}/embeddings`, { method: "POST", body: "{}" });
  assert.equal(other.status, 404);
  assert.match((await other.json()).error.message, /no POST \/v1\/embeddings/);
});
