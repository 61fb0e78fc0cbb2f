import assert from "node:assert/strict";
import { transformers } from "../../../../models/engines/llm/transformers.ts";
import { loadEngine } from "../../../../models/host.ts";
import { starterChoice } from "../../../../models/selection.ts";
import type { LanguageModel, LlmPart, Message } from "../../../../pipeline/engines.ts";

const model = String(starterChoice("llm").options?.["model"]);
const forever = new AbortController().signal;
const SYSTEM: Message = {
  role: "system",
  content: "You are Parley, a helpful voice assistant. Answer in one or two short spoken sentences.",
};

function load(options: Readonly<Record<string, unknown>> = {}): Promise<LanguageModel> {
  return loadEngine("llm", { engine: "transformers", options: { model, ...options } }, { signal: forever });
}

/** A test of the engine on this very thread. */
function testHere(claim: string, body: (llm: LanguageModel) => Promise<void>): void {
  // transformers.js closes what it has read when it is collected, at any time; hence also last in this file.
  Deno.test({
    name: `transformers: ${claim}`,
    sanitizeOps: false,
    fn: async () => {
      await using llm = await transformers.load(transformers.options.parse({ model }), { signal: forever });
      await body(llm);
    },
  });
}

function ask(llm: LanguageModel, content: string, signal = forever): AsyncIterable<LlmPart> {
  return llm.generate([SYSTEM, { role: "user", content }], { signal });
}

const spoken = (parts: readonly LlmPart[]) =>
  parts.map((part) => part.type === "text" ? part.delta : "").join("");
const endOf = (parts: readonly LlmPart[]) => {
  const end = parts.at(-1);
  assert.ok(end?.type === "end");
  return end;
};

Deno.test("transformers: an answer streams as clean text with its usage", async () => {
  await using llm = await load();
  const parts = await Array.fromAsync(ask(llm, "tell me a joke"));
  assert.match(spoken(parts), /^[A-Z][^<|>]+[.!?]$/);
  const { reason, usage } = endOf(parts);
  assert.equal(reason, "stop");
  assert.ok(usage.outputTokens >= parts.length - 1 && usage.inputTokens > 10, JSON.stringify(usage));
});

Deno.test("transformers: a tool is called, and the answer made from its result", async () => {
  await using llm = await load();
  const parts = await Array.fromAsync(ask(llm, "what time is it"));
  const call = parts.find((part) => part.type === "tool_call");
  assert.ok(call);
  assert.deepEqual([call.name, call.args, spoken(parts)], ["get_time", {}, ""]);
  assert.equal(endOf(parts).reason, "tool_calls");
  const { callId, name, args } = call;
  const messages: Message[] = [
    SYSTEM,
    { role: "user", content: "what time is it" },
    { role: "assistant", content: "", toolCalls: [{ callId, name, args }] },
    { role: "tool", callId, name, content: '{"time":"3:42 PM"}' },
  ];
  assert.match(spoken(await Array.fromAsync(llm.generate(messages, { signal: forever }))), /3:42 PM/);
});

Deno.test("transformers: an answer as long as allowed is cut off and says so", async () => {
  await using llm = await load({ max_new_tokens: 3 });
  const { reason, usage } = endOf(await Array.fromAsync(ask(llm, "tell me a joke")));
  assert.deepEqual([reason, usage.outputTokens], ["length", 3]);
});

Deno.test("transformers: a conversation longer than the model's context is still answered", async () => {
  await using llm = await load({ context_tokens: 200, max_new_tokens: 64 });
  const turns = Array.from({ length: 40 }, (): Message[] => [
    { role: "user", content: "tell me a joke" },
    { role: "assistant", content: "Why did the bicycle fall over? It was two tired." },
  ]);
  const messages = [SYSTEM, ...turns.flat(), { role: "user", content: "what time is it" } as const];
  const parts = await Array.fromAsync(llm.generate(messages, { signal: forever }));
  assert.ok(endOf(parts).usage.inputTokens <= 200 - 64);
});

Deno.test("transformers: one message longer than the context is PAYLOAD_TOO_LARGE", async () => {
  await using llm = await load();
  await assert.rejects(Array.fromAsync(ask(llm, "tell me more ".repeat(2000))), {
    code: "PAYLOAD_TOO_LARGE",
  });
  assert.ok(spoken(await Array.fromAsync(ask(llm, "hello"))), "and the next is answered");
});

Deno.test("transformers: an abort rejects with its reason within a token", async () => {
  await using llm = await load({ max_new_tokens: 900 });
  const controller = new AbortController();
  const parts = ask(llm, "tell me a joke", controller.signal)[Symbol.asyncIterator]();
  await parts.next();
  controller.abort("barge_in");
  const afterwards: unknown[] = [];
  const drain = async () => {
    while (true) afterwards.push(await parts.next());
  };
  await assert.rejects(drain, (reason) => reason === "barge_in");
  assert.ok(afterwards.length <= 1, "one token may have been made already");
});

Deno.test("transformers: a folder that is not there is NOT_FOUND, told without its path", async () => {
  await assert.rejects(load({ model: "/nowhere/at/all" }), (error: Error & { code?: string }) => {
    assert.equal(error.code, "NOT_FOUND");
    assert.ok(!error.message.includes("/nowhere"), error.message);
    return true;
  });
});

testHere("a signal that nobody tells of its abort is looked at with every token", async (llm) => {
  const { signal } = new AbortController();
  let looks = 0;
  Object.defineProperty(signal, "aborted", { get: () => ++looks > 4 });
  const parts = await Array.fromAsync(ask(llm, "tell me a joke", signal)).catch(() => []);
  assert.ok(parts.length < 5 && looks < 20, `looked ${looks} times, gave ${parts.length} parts`);
});

testHere("a consumer that leaves stops the generation", async (llm) => {
  const whole = endOf(await Array.fromAsync(ask(llm, "tell me a joke"))).usage.outputTokens;
  let looks = 0;
  const { signal } = new AbortController();
  Object.defineProperty(signal, "aborted", { get: () => (looks++, false) });
  for await (const part of ask(llm, "tell me a joke", signal)) {
    assert.equal(part.type, "text");
    break;
  }
  const afterLeaving = looks;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(looks, afterLeaving, "nothing works on");
  assert.ok(looks < whole, `looked ${looks} times in an answer of ${whole} tokens`);
});
