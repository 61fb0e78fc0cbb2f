/** The engines that ship with the project, asked by OpenAI's client. */
import assert from "node:assert/strict";
import { toFile } from "openai";
import { loadEngines } from "../../../models/host.ts";
import { serviceStage } from "../../support/service_stage.ts";

const SPEECH = new URL("../../fixtures/speech/", import.meta.url);
const TIMER = {
  type: "function" as const,
  function: {
    name: "set_timer",
    description: "Starts a timer. The user is told when it is done.",
    parameters: {
      type: "object",
      properties: { duration: { type: "string" } },
      required: ["duration"],
    },
  },
};

Deno.test("services: the starter engines hear, speak and think for other programs", async () => {
  await using engines = await loadEngines({}, { signal: new AbortController().signal });
  await using on = await serviceStage({ pool: engines });
  const { client } = on;

  const recording = await Deno.readFile(new URL("michael_timer.wav", SPEECH));
  const heard = await client.audio.transcriptions.create({
    model: engines.names.stt,
    file: await toFile(recording, "michael_timer.wav"),
    response_format: "verbose_json",
    timestamp_granularities: ["word"],
  });
  assert.equal(heard.text, "set a timer for ten minutes");
  assert.deepEqual(heard.words?.map(({ word }) => word), heard.text.split(" "));
  assert.ok(heard.words!.every(({ start, end }) => start < end && end <= heard.duration));

  const input = "Set a timer for ten minutes.";
  const spoken = await client.audio.speech.create({ model: "default", voice: "slt", input });
  const wav = await toFile(await spoken.arrayBuffer(), "answer.wav");
  const stream = await client.audio.transcriptions.create({ model: "default", file: wav, stream: true });
  const events = await Array.fromAsync(stream);
  const last = events.at(-1)!;
  assert.ok(last.type === "transcript.text.done");
  assert.equal(last.text, input.toLowerCase().replaceAll(/[.?]/g, ""));
  assert.equal(
    events.map((event) => event.type === "transcript.text.delta" ? event.delta : "").join(""),
    last.text,
  );

  const completion = await client.chat.completions.stream({
    model: engines.names.llm,
    messages: [{ role: "user", content: heard.text }],
    tools: [TIMER],
    stream_options: { include_usage: true },
  }).finalChatCompletion();
  const [choice] = completion.choices;
  assert.equal(choice!.finish_reason, "tool_calls");
  const [call] = choice!.message.tool_calls!;
  assert.ok(call!.type === "function" && call!.function.name === "set_timer");
  assert.match(call!.function.arguments, /10|ten/);
  assert.ok(completion.usage!.prompt_tokens > 0 && completion.usage!.completion_tokens > 0);

  const answer = await client.chat.completions.create({
    model: "default",
    messages: [
      { role: "user", content: heard.text },
      choice!.message,
      { role: "tool", tool_call_id: call!.id, content: '{"ok":true}' },
    ],
    tools: [TIMER],
  });
  assert.match(answer.choices[0]!.message.content!, /timer|minutes|set/i);
});
