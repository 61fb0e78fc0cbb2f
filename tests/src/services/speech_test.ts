import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { pcm16ToSamples } from "../../../pipeline/audio.ts";
import type { TextToSpeech } from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { FAKE_SPEECH_RATE_HZ, fakeEngines } from "../../support/fake_engines.ts";
import { failing, serviceStage } from "../../support/service_stage.ts";

/** A character takes 50 ms. */
const INPUT = "One two three. Four five six.";
const SAMPLES = "One two three.Four five six.".length * FAKE_SPEECH_RATE_HZ / 20;
const ASK = { model: "default", voice: "default", input: INPUT } as const;

/** The fake voice, and what it was asked to say. */
function voice() {
  const said: [string, string | undefined][] = [];
  const fake = fakeEngines().tts;
  const tts: TextToSpeech = {
    ...fake,
    synthesize(sentence, call) {
      said.push([sentence, call.voice]);
      return fake.synthesize(sentence, call);
    },
  };
  return { said, engines: { tts } };
}

Deno.test("speech: a WAV file of unknown length at the voice's rate, sentence by sentence", async () => {
  const { said, engines } = voice();
  await using on = await serviceStage({ engines });
  const response = await on.client.audio.speech.create({ ...ASK, voice: "other", speed: 1 });
  assert.equal(response.headers.get("content-type"), "audio/wav");
  const bytes = await response.arrayBuffer();
  const view = new DataView(bytes);
  assert.equal(new TextDecoder().decode(bytes.slice(0, 4)), "RIFF");
  assert.deepEqual([view.getUint32(4, true), view.getUint32(40, true)], [0xFFFFFFFF, 0xFFFFFFFF]);
  assert.equal(view.getUint32(24, true), FAKE_SPEECH_RATE_HZ);
  const samples = pcm16ToSamples(new Uint8Array(bytes, 44));
  assert.equal(samples.length, SAMPLES);
  assert.ok(samples.every((sample) => Math.abs(sample - 0.1) < 1e-3));
  assert.deepEqual(said, [["One two three.", "other"], ["Four five six.", "other"]]);
});

Deno.test("speech: PCM is at 24 kHz", async () => {
  const { said, engines } = voice();
  await using on = await serviceStage({ engines });
  const response = await on.client.audio.speech.create({ ...ASK, response_format: "pcm" });
  assert.equal(response.headers.get("content-type"), "audio/pcm");
  const samples = pcm16ToSamples(new Uint8Array(await response.arrayBuffer()));
  assert.equal(samples.length, SAMPLES * 24_000 / FAKE_SPEECH_RATE_HZ);
  const inner = samples.slice(500, -500);
  assert.ok(inner.every((sample) => Math.abs(sample - 0.1) < 1e-3), "no seams");
  assert.deepEqual(said[0], ["One two three.", undefined]);
});

Deno.test("speech: as events, what comes joined is what would have come", async () => {
  await using on = await serviceStage();
  const whole = await (await on.client.audio.speech.create(ASK)).arrayBuffer();
  const response = await on.client.audio.speech.create({ ...ASK, stream_format: "sse" });
  assert.match(response.headers.get("content-type")!, /^text\/event-stream/);
  const events: { type: string; audio: string }[] = (await response.text()).trim().split("\n\n")
    .map((line) => JSON.parse(line.replace(/^data: /, "")));
  assert.equal(events.at(-1)!.type, "speech.audio.done");
  const deltas = events.slice(0, -1);
  assert.ok(deltas.length > 2 && deltas.every(({ type }) => type === "speech.audio.delta"));
  const joined = Buffer.concat(deltas.map(({ audio }) => Buffer.from(audio, "base64")));
  assert.ok(joined.equals(Buffer.from(whole)));
});

Deno.test("speech: the first sentence is heard while the second is still being made", async () => {
  const second = Promise.withResolvers<void>();
  const fake = fakeEngines().tts;
  const tts: TextToSpeech = {
    ...fake,
    async *synthesize(sentence, call) {
      if (sentence.startsWith("Four")) await second.promise;
      yield* fake.synthesize(sentence, call);
    },
  };
  await using on = await serviceStage({ engines: { tts } });
  const response = await on.client.audio.speech.create(ASK);
  let bytes = 0;
  for await (const piece of response.body!) {
    bytes += piece.length;
    if (bytes >= 44 + "One two three.".length * FAKE_SPEECH_RATE_HZ / 20 * 2) second.resolve();
  }
  assert.equal(bytes, 44 + SAMPLES * 2);
});

Deno.test("speech: what cannot be done is refused, with the field and the reason", async () => {
  await using on = await serviceStage();
  const wrong: [object, number, RegExp, string][] = [
    [{ response_format: "mp3" }, 400, /"wav" or "pcm"/, "response_format"],
    [{ speed: 2 }, 400, /one speed/, "speed"],
    [{ voice: "alloy" }, 400, /no "alloy"; choose one of: "fake", "other", "default"/, "voice"],
    [{ input: "x".repeat(4097) }, 400, /4096/, "input"],
    [{ input: "" }, 400, /nothing/, "input"],
    [{ input: " … " }, 400, /nothing/, "input"],
    [{ stream_format: "morse" }, 400, /audio/, "stream_format"],
    [{ model: "tts-1" }, 404, /no model "tts-1".*"fake-tts"/, "model"],
  ];
  for (const [more, status, message, param] of wrong) {
    await assert.rejects(
      on.client.audio.speech.create({ ...ASK, ...more }),
      failing(status, message, { param }),
    );
  }
});

Deno.test("speech: a failure has a status where nothing was sent yet; later it cuts the answer off, or is its last event", async () => {
  const failSpeech = (sentence: string) =>
    /bad/.test(sentence) ? new ParleyError("MODEL_ERROR", "The voice died.") : undefined;
  await using on = await serviceStage({ engines: { tts: fakeEngines({ failSpeech }).tts } });
  await assert.rejects(
    on.client.audio.speech.create({ ...ASK, input: "A bad one." }),
    failing(500, /The voice died/, { code: "model_error" }),
  );
  const input = "A good one. A bad one.";
  const response = await on.client.audio.speech.create({ ...ASK, input });
  await assert.rejects(response.arrayBuffer());
  const events = await (await on.client.audio.speech.create({ ...ASK, input, stream_format: "sse" })).text();
  assert.match(
    events,
    /"speech\.audio\.delta".*\n\ndata: \{"error":\{"message":"The voice died\."[^\n]*\n\n$/s,
  );
  assert.ok(!events.includes("speech.audio.done"));
});
