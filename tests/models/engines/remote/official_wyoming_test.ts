/** The Wyoming engines with a server made of the protocol's own library. */
import assert from "node:assert/strict";
import { wyoming as recogniser } from "../../../../models/engines/stt/wyoming.ts";
import { wyoming as synthesiser } from "../../../../models/engines/tts/wyoming.ts";
import { assertFails } from "./assert_fails.ts";
import { frameOf } from "./test_microphone.ts";

const SERVER = new URL("../../../fixtures/wyoming/server.py", import.meta.url).pathname;
const python = Deno.env.get("PARLEY_TEST_PYTHON") ?? "python3";
const signal = new AbortController().signal;

function hasWyoming(): boolean {
  try {
    const args = ["-c", "import wyoming.asr, wyoming.tts"];
    return new Deno.Command(python, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

/** A running server; it ends with its input. */
async function officialServer() {
  const child = new Deno.Command(python, { args: [SERVER], stdin: "piped", stdout: "piped" }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const port = Number((await lines.read()).value);
  assert.ok(port > 0, "the server did not start");
  return {
    port,
    async [Symbol.asyncDispose]() {
      await child.stdin.close();
      await lines.cancel();
      await child.status;
    },
  };
}

Deno.test({
  name: "wyoming: the engines understand the protocol's own library, and it them",
  ignore: !hasWyoming(),
  async fn() {
    await using server = await officialServer();
    await using stt = await recogniser.load(recogniser.options.parse({ port: server.port }), { signal });
    async function* audio() {
      for (let index = 0; index < 50; index++) yield frameOf(index / 100, index);
    }
    const transcripts = await Array.fromAsync(stt.transcribe(audio(), { signal, language: "en" }));
    const text = `${50 * 512} samples – ${Math.round(0.49 * 32_767)}`;
    assert.deepEqual(transcripts.map(({ text, final }) => [text, final]), [[text, false], [text, true]]);

    await using tts = await synthesiser.load(synthesiser.options.parse({ port: server.port }), { signal });
    assert.deepEqual([tts.voices, tts.sampleRateHz], [["default", "low", "high"], 22_050]);
    for (const [voice, level] of [["default", 1000], ["high", 3000]] as const) {
      const chunks = await Array.fromAsync(tts.synthesize("one two – thrée", { signal, voice }));
      const samples = chunks.flatMap(({ frame }) => [...frame.samples]);
      assert.equal(samples.length, 4 * 2205);
      assert.deepEqual(new Set(samples), new Set([Math.fround(level / 32_768)]));
      assert.equal(chunks.at(-1)?.textEnd, 15);
    }
    await assertFails(
      Array.fromAsync(tts.synthesize("fail", { signal })),
      "MODEL_ERROR",
      /reported an error/,
    );
  },
});
