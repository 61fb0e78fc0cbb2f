/** What was computed of a prompt is used again, and changes nothing but the time. */
import assert from "node:assert/strict";
import type { DynamicCache } from "@huggingface/transformers";
import { KeptPrompts } from "../../../../models/engines/llm/kept_prompts.ts";
import { loadEngine } from "../../../../models/host.ts";
import { starterChoice } from "../../../../models/selection.ts";
import type { LanguageModel, LlmPart, Message } from "../../../../pipeline/engines.ts";

const forever = new AbortController().signal;

/** A cache of one tensor that knows only how long it is. */
class FakeCache {
  disposed = false;
  constructor(length: number, name = "past_key_values.0.key") {
    Object.defineProperties(this, {
      get_seq_length: { value: () => (Reflect.get(this, name) as { dims: number[] }).dims[2] },
      update: { value: (entries: object) => void Object.assign(this, entries) },
      dispose: { value: () => Promise.resolve(void (this.disposed = true)) },
      disposed: { enumerable: false, writable: true },
    });
    Reflect.set(this, name, tensor(length));
  }
}

/** Two heads whose numbers tell which head and position they belong to. */
class FakeTensor {
  readonly location = "cpu";
  constructor(readonly type: string, readonly data: Float32Array, readonly dims: number[]) {}
}

function tensor(length: number): FakeTensor {
  const data = Float32Array.from(
    { length: 2 * length * 4 },
    (_, i) => 1000 * Math.floor(i / (4 * length)) + Math.floor(i / 4) % length,
  );
  return new FakeTensor("float32", data, [1, 2, length, 4]);
}

const cacheOf = (length: number, name?: string) =>
  new FakeCache(length, name) as unknown as DynamicCache & FakeCache;
const ids = (text: string) => [...text].map((char) => BigInt(char.charCodeAt(0)));

Deno.test("kept prompts: what goes on from one is read from there, and another is cut to what both share", () => {
  const kept = new KeptPrompts(2);
  kept.keep(ids("hello wo"), cacheOf(8));
  const known = kept.take(ids("hello world"));
  assert.deepEqual([known?.tokens.length, known?.cache.get_seq_length()], [8, 8]);
  assert.equal(kept.take(ids("hello world")), undefined, "whoever took it has it");
  kept.keep(ids("hello world"), cacheOf(11));
  const shared = kept.take(ids("hello there"));
  assert.deepEqual([shared?.tokens.length, shared?.cache.get_seq_length()], [6, 6]);
  const { data } = Reflect.get(shared!.cache, "past_key_values.0.key") as FakeTensor;
  assert.deepEqual(data, tensor(6).data, "of each head the first positions");
});

Deno.test("kept prompts: of the same prompt again the last token is read, since its reading tells what follows", () => {
  const kept = new KeptPrompts(1);
  kept.keep(ids("hello"), cacheOf(5));
  assert.equal(kept.take(ids("hello"))?.tokens.length, 4);
});

Deno.test("kept prompts: what has nothing in common is left; the oldest gives way and is released", () => {
  const kept = new KeptPrompts(2);
  const oldest = cacheOf(3);
  kept.keep(ids("abc"), oldest);
  kept.keep(ids("xyz"), cacheOf(3));
  assert.equal(kept.take(ids("nothing")), undefined);
  kept.keep(ids("klm"), cacheOf(3));
  assert.equal(oldest.disposed, true);
  assert.equal(kept.take(ids("abcd")), undefined);
  assert.equal(kept.take(ids("xyz!"))?.tokens.length, 3);
});

Deno.test("kept prompts: a longer one takes the place of its own beginning", () => {
  const kept = new KeptPrompts(2);
  const beginning = cacheOf(3);
  kept.keep(ids("abc"), beginning);
  kept.keep(ids("other"), cacheOf(5));
  kept.keep(ids("abcdef"), cacheOf(6));
  assert.equal(beginning.disposed, true);
  assert.equal(kept.take(ids("others"))?.tokens.length, 5);
});

Deno.test("kept prompts: the state of convolutions cannot be cut, only gone on with", () => {
  const kept = new KeptPrompts(2);
  const cache = cacheOf(5);
  Reflect.set(cache, "past_conv.0", tensor(3));
  kept.keep(ids("hello"), cache);
  assert.equal(kept.take(ids("help")), undefined);
  assert.equal(kept.take(ids("hello you"))?.tokens.length, 5);
});

Deno.test("kept prompts: none are kept where none shall be", () => {
  const kept = new KeptPrompts(0);
  const cache = cacheOf(3);
  kept.keep(ids("abc"), cache);
  assert.equal(cache.disposed, true);
  assert.equal(kept.take(ids("abcd")), undefined);
});

const textOf = (parts: readonly LlmPart[]) =>
  parts.map((part) => part.type === "text" ? part.delta : "").join("");
const usageOf = (parts: readonly LlmPart[]) => {
  const end = parts.at(-1);
  assert(end?.type === "end");
  return end.usage;
};

/** Answers, each of which is part of the next question's history. */
async function converse(llm: LanguageModel, questions: readonly string[]) {
  const messages: Message[] = [{ role: "system", content: "You are Parley, a helpful voice assistant." }];
  const answers = [];
  for (const content of questions) {
    messages.push({ role: "user", content });
    const parts = await Array.fromAsync(llm.generate(messages, { signal: forever }));
    messages.push({ role: "assistant", content: textOf(parts) });
    answers.push({ text: textOf(parts), ...usageOf(parts) });
  }
  return answers;
}

const QUESTIONS = ["tell me a joke", "tell me another joke", "thank you", "good night"];
const MODELS = {
  "the starter": String(starterChoice("llm").options?.["model"]),
  "a llama": new URL("../../../fixtures/hub/tiny/llama/", import.meta.url).href,
  "a qwen3": new URL("../../../fixtures/hub/tiny/qwen3/", import.meta.url).href,
};

for (const [name, model] of Object.entries(MODELS)) {
  Deno.test(`kept prompts: ${name} answers a follow-up as without them, and reads only what is new`, async () => {
    const load = (options: Record<string, unknown>) =>
      loadEngine("llm", { engine: "transformers", options: { model, max_new_tokens: 40, ...options } }, {
        signal: forever,
      });
    await using keeping = await load({});
    await using forgetful = await load({ kept_prompts: 0 });
    const [kept, fresh] = [await converse(keeping, QUESTIONS), await converse(forgetful, QUESTIONS)];
    assert.deepEqual(kept.map(({ text }) => text), fresh.map(({ text }) => text));
    assert.deepEqual(fresh.map(({ cachedInputTokens }) => cachedInputTokens), [0, 0, 0, 0]);
    for (const [index, { inputTokens, cachedInputTokens = 0 }] of kept.entries()) {
      const before = kept[index - 1];
      // All of the prompt before; its answer too, but for the tokens between two turns.
      if (before) {
        assert.ok(
          cachedInputTokens >= before.inputTokens,
          `${index}: ${cachedInputTokens} of ${inputTokens}`,
        );
      }
    }
  });

  Deno.test(`kept prompts: ${name} goes on from an attempt that was aborted`, async () => {
    await using llm = await loadEngine("llm", { engine: "transformers", options: { model } }, {
      signal: forever,
    });
    const ask = (content: string, signal: AbortSignal) =>
      llm.generate([{ role: "user", content }], { signal });
    const ending = new AbortController();
    await assert.rejects(async () => {
      for await (const _ of ask("tell me a joke", ending.signal)) ending.abort(new Error("barge-in"));
    }, /barge-in/);
    const { cachedInputTokens = 0 } = usageOf(await Array.fromAsync(ask("tell me a joke please", forever)));
    assert.ok(cachedInputTokens > 3, `${cachedInputTokens}`);
  });
}
