import assert from "node:assert/strict";
import { loadEngine } from "../../../../models/host.ts";
import type { LanguageModel, LlmPart, Message } from "../../../../pipeline/engines.ts";
import { assertFails, copyOf } from "../tts/voice_models.ts";

const forever = new AbortController().signal;
const LLAMA = new URL("../../../fixtures/hub/tiny/llama/", import.meta.url).href;

/** As strict as Gemma's: a system message, then user and assistant in turns and nobody else. */
const STRICT = `{%- set ns = namespace(wanted='user') -%}
{%- for message in messages -%}
{%- if message.role == 'system' and loop.first -%}
{%- elif message.role != ns.wanted -%}{{ raise_exception('Roles must alternate') }}
{%- else -%}{%- set ns.wanted = 'assistant' if ns.wanted == 'user' else 'user' -%}{%- endif -%}
{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor -%}{{ '<|im_start|>assistant\\n' }}`;

/** A very small model with a template of the test's. */
async function modelWith(change: (config: Record<string, unknown>, folder: string) => Promise<void> | void) {
  const copy = await copyOf(LLAMA);
  const path = `${copy.folder}/tokenizer_config.json`;
  const config = JSON.parse(await Deno.readTextFile(path));
  await change(config, copy.folder);
  await Deno.writeTextFile(path, JSON.stringify(config));
  return copy;
}

function load(model: string, options: Readonly<Record<string, unknown>> = {}): Promise<LanguageModel> {
  return loadEngine("llm", { engine: "transformers", options: { model, max_new_tokens: 8, ...options } }, {
    signal: forever,
  });
}

async function answer(llm: LanguageModel, messages: readonly Message[]): Promise<LlmPart | undefined> {
  return (await Array.fromAsync(llm.generate(messages, { signal: forever }))).at(-1);
}

Deno.test("templates: one that wants users and assistants in turns is given them, whatever happened", async () => {
  await using copy = await modelWith((config) => void (config["chat_template"] = STRICT));
  const conversations: Message[][] = [
    // Interrupted before a word of the answer was heard.
    [{ role: "user", content: "tell me" }, { role: "user", content: "tell me a joke" }],
    // Another model stood in and called a tool.
    [
      { role: "user", content: "what time is it" },
      { role: "assistant", content: "", toolCalls: [{ callId: "1", name: "get_time", args: {} }] },
      { role: "tool", callId: "1", name: "get_time", content: '{"time":"noon"}' },
      { role: "assistant", content: "Noon." },
      { role: "user", content: "thank you" },
    ],
    // Somebody had a sentence spoken.
    [{ role: "assistant", content: "Dinner is ready." }, { role: "user", content: "thank you" }],
  ];
  for (const tools of [true, false]) {
    await using llm = await load(copy.folder, { tools });
    for (const messages of conversations) {
      const end = await answer(llm, [{ role: "system", content: "Be brief." }, ...messages]);
      assert.equal(end?.type, "end");
    }
  }
});

Deno.test("templates: one that lies in a file of its own is read", async () => {
  const inFile = async (template: string) =>
    await modelWith(async (config, folder) => {
      delete config["chat_template"];
      await Deno.writeTextFile(`${folder}/chat_template.jinja`, template);
    });
  const inputTokens = async (template: string) => {
    await using copy = await inFile(template);
    await using llm = await load(copy.folder);
    const end = await answer(llm, [{ role: "user", content: "hello" }]);
    return end?.type === "end" ? end.usage.inputTokens : 0;
  };
  const [once, twice] = [await inputTokens("{{ messages[0].content }}"), await inputTokens("hello hello")];
  assert.ok(once > 0 && twice > once, `${once} ${twice}`);
});

Deno.test("templates: a model that has none fails when it is loaded", async () => {
  await using copy = await modelWith((config) => void delete config["chat_template"]);
  await assertFails(load(copy.folder), "MODEL_ERROR", /no chat template/);
});

Deno.test("templates: of a model that can read more than memory holds, only older turns are left out", async () => {
  await using copy = await modelWith(async (_, folder) => {
    const path = `${folder}/config.json`;
    const config = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ ...config, max_position_embeddings: 131_072 }));
  });
  await using llm = await load(copy.folder);
  const inputTokens = async (messages: readonly Message[]) => {
    const end = await answer(llm, messages);
    return end?.type === "end" ? end.usage.inputTokens : 0;
  };
  const turns = Array.from({ length: 200 }, (): Message[] => [
    { role: "user", content: "tell me a joke about bicycles" },
    { role: "assistant", content: "Why did the bicycle fall over? It was two tired." },
  ]).flat();
  const shown = await inputTokens([...turns, { role: "user", content: "thanks" }]);
  assert.ok(shown > 3000 && shown <= 4096, `${shown}`);
  const long = await inputTokens([{ role: "user", content: "tell me a joke about bicycles ".repeat(250) }]);
  assert.ok(long > 4096, `${long}`);
});
