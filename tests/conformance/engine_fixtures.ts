/** How each engine of the registry is set up to be tested. */
import type { Task } from "../../pipeline/engines.ts";
import type { EngineChoice } from "../../models/profiles.ts";
import { starterChoice } from "../../models/selection.ts";
import { sound, speechServer } from "../models/engines/remote/speech_server.ts";
import {
  ASR_INFO,
  serving,
  speak,
  type Treatment,
  ttsInfo,
  wyomingServer,
} from "../models/engines/remote/wyoming_server.ts";

/** An engine's configuration, and whatever must be there while it is tested. */
export interface EngineFixture extends AsyncDisposable {
  readonly choice: EngineChoice;
}

/** Engines that the starter profile has not. */
const FIXTURES: Readonly<Record<string, () => EngineFixture>> = {
  "turn/silence": () => ({
    choice: { engine: "silence" },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }),
  "turn/smart_turn": () =>
    tinyModel("smart_turn", {
      model: new URL("../fixtures/hub/tiny/smart-turn/", import.meta.url).href,
      file: "smart-turn-v3.2-cpu.onnx",
    }),
  "llm/ai_sdk": chatServer,
  "stt/whisper": () => tinyModel("whisper"),
  "stt/moonshine": () => tinyModel("moonshine"),
  "stt/openai": () => openaiSpeech("whisper"),
  "stt/wyoming": () => wyomingSpeech(wyomingRecogniser),
  "tts/openai": () => openaiSpeech("voice"),
  "tts/kokoro": () => tinyModel("kokoro"),
  "tts/piper": () => tinyModel("piper", { file: "en_XX-tiny-low.onnx", noise_scale: 0, noise_w: 0 }),
  "tts/supertonic": () => tinyModel("supertonic"),
  "tts/vits": () => tinyModel("vits"),
  "tts/wyoming": () => wyomingSpeech(wyomingSynthesiser),
};

/** The fixture of an engine: the starter profile has it, or it has its own. */
export function engineFixture(task: Task, engine: string): EngineFixture {
  const own = FIXTURES[`${task}/${engine}`];
  if (own) return own();
  const choice = starterChoice(task);
  if (choice.engine === engine) return { choice, [Symbol.asyncDispose]: () => Promise.resolve() };
  throw new TypeError(`Cannot test the ${task} engine "${engine}": say here how to set it up`);
}

/** A very small model that answers the same each time, and is called as the engine that runs it. */
function tinyModel(engine: string, options: Readonly<Record<string, unknown>> = {}): EngineFixture {
  const model = new URL(`../fixtures/hub/tiny/${engine}/`, import.meta.url).href;
  return {
    choice: { engine, options: { model, ...options } },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
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

/** A server that hears the same in everything, or speaks the same half second whatever it is given. */
function openaiSpeech(model: string): EngineFixture {
  const server = speechServer(({ form }) =>
    form ? Response.json({ text: "ask not" }) : sound([new Uint8Array(24_000).fill(8)])
  );
  return {
    choice: { engine: "openai", options: { base_url: server.baseUrl, model } },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function wyomingSpeech(treatment: Treatment): EngineFixture {
  const server = wyomingServer(treatment);
  return {
    choice: { engine: "wyoming", options: server.address },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const wyomingRecogniser = serving({
  describe: (client) => client.say("info", ASR_INFO),
  async transcribe(client) {
    await client.until("audio-stop");
    for (const text of ["ask ", "not"]) await client.say("transcript-chunk", { text });
    await client.say("transcript", { text: "Ask not." });
    await client.gone();
  },
});

const HALF_A_SECOND = [5000, 5000, 12_050];

const wyomingSynthesiser = serving({
  describe: (client) => client.say("info", ttsInfo("amy")),
  synthesize: (client) => speak(client, HALF_A_SECOND),
});
