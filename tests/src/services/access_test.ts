/** Who may ask the services, how much at a time, and what becomes of what nobody waits for any more. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import OpenAI, { type APIError, toFile } from "openai";
import type { Engines } from "../../../pipeline/engines.ts";
import { encodeWav } from "../../../src/audio/wav.ts";
import { fakeEngines } from "../../support/fake_engines.ts";
import { until, upgradeStatus } from "../../support/server_stage.ts";
import { failing, type Services, serviceStage } from "../../support/service_stage.ts";

const TOKEN = "correct horse battery";
const HELLO = { model: "default", messages: [{ role: "user" as const, content: "hello" }] };
const SPEAK = { model: "default", voice: "default", input: "One two three." } as const;
const WAV = encodeWav({ samples: new Float32Array(16_000).fill(0.1), sampleRateHz: 16_000 });

/** Engines that never answer, and count who waits for them. */
function deafEngines() {
  const waiting = { count: 0, ended: 0 };
  const wait = async (signal: AbortSignal) => {
    waiting.count++;
    try {
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    } finally {
      waiting.count--;
      waiting.ended++;
    }
  };
  const fakes = fakeEngines();
  const engines: Engines = {
    ...fakes,
    stt: {
      ...fakes.stt,
      async *transcribe(_, { signal }) {
        yield { text: "", stableChars: 0, final: false, audioMs: 0 };
        await wait(signal);
      },
    },
    llm: {
      ...fakes.llm,
      async *generate(_, { signal }) {
        yield { type: "text", delta: "Well…" };
        await wait(signal);
      },
    },
    tts: {
      ...fakes.tts,
      async *synthesize(text, call) {
        yield* fakes.tts.synthesize(text, call);
        await wait(call.signal);
      },
    },
  };
  return { waiting, engines };
}

Deno.test("services: where there is a token it must be shown, and pages of other origins are refused", async () => {
  await using on = await serviceStage({
    server: { token: TOKEN, allowedOrigins: ["https://friend.example"] },
  });
  const asking = (apiKey: string, headers: Record<string, string> = {}) =>
    new OpenAI({ baseURL: on.url, apiKey, maxRetries: 0, defaultHeaders: headers });
  const { choices } = await asking(TOKEN).chat.completions.create(HELLO);
  assert.equal(choices[0]!.message.content, "Hello there.");
  for (const wrong of ["correct horse batter", "nonsense"]) {
    const refused = failing(401, /token/, { code: "invalid_api_key" });
    await assert.rejects(asking(wrong).models.list(), refused);
    await assert.rejects(asking(wrong).chat.completions.create(HELLO), refused);
  }
  const bare = await fetch(`${on.url}/models`);
  assert.deepEqual([bare.status, (await bare.json()).error.type], [401, "invalid_request_error"]);
  await asking(TOKEN, { origin: "https://friend.example" }).models.list();
  const { port } = on.server.server;
  assert.equal(await upgradeStatus(port, `/v1/models?token=${encodeURIComponent(TOKEN)}`, {}), 200);
  assert.equal(await upgradeStatus(port, "/v1/models", { Host: "evil.example" }), 403, "DNS rebinding");
  for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }]) {
    await assert.rejects(
      asking(TOKEN, headers).models.list(),
      failing(403, /evil|null/),
      JSON.stringify(headers),
    );
  }
});

Deno.test("services: more requests than there is room for are told to come back, and then find room", async () => {
  const { waiting, engines } = deafEngines();
  await using on = await serviceStage({ engines, maxRequests: 2 });
  const leaving = new AbortController();
  const stays = [1, 2].map(() => on.client.chat.completions.create(HELLO, { signal: leaving.signal }));
  await until(() => waiting.count === 2);
  await assert.rejects(on.client.chat.completions.create(HELLO), (error: APIError) => {
    assert.equal(error.status, 429);
    assert.equal(error.code, "rate_limit_exceeded");
    assert.equal(error.headers?.get("retry-after"), "1");
    return true;
  });
  assert.equal((await Array.fromAsync(await on.client.models.list())).length, 5, "looking costs nothing");
  leaving.abort();
  await Promise.allSettled(stays);
  await until(() => waiting.ended === 2);
  const stream = await on.client.chat.completions.create({ ...HELLO, stream: true });
  stream.controller.abort();
});

Deno.test("services: room comes back after every kind of ending", async () => {
  await using on = await serviceStage({ maxRequests: 1 });
  for (let i = 0; i < 3; i++) {
    await on.client.chat.completions.create(HELLO);
    await Array.fromAsync(await on.client.chat.completions.create({ ...HELLO, stream: true }));
    await (await on.client.audio.speech.create(SPEAK)).arrayBuffer();
    await assert.rejects(on.client.chat.completions.create({ ...HELLO, model: "x" }), { status: 404 });
    await assert.rejects(on.client.audio.speech.create({ ...SPEAK, voice: "x" }), { status: 400 });
    await on.client.audio.transcriptions.create({ model: "default", file: await toFile(WAV, "a.wav") });
  }
});

/** Every way in which an engine can be at work for a client. */
const ASKING: Readonly<Record<string, (on: Services, signal: AbortSignal) => Promise<unknown>>> = {
  "chat, whole": ({ client }, signal) => client.chat.completions.create(HELLO, { signal }),
  "chat, streamed": async ({ client }, signal) =>
    await Array.fromAsync(await client.chat.completions.create({ ...HELLO, stream: true }, { signal })),
  "speech, streamed": async ({ client }, signal) =>
    await (await client.audio.speech.create(SPEAK, { signal })).arrayBuffer(),
  "transcription, whole": async ({ client }, signal) =>
    await client.audio.transcriptions.create({ model: "default", file: await toFile(WAV, "a.wav") }, {
      signal,
    }),
  "transcription, streamed": async ({ client }, signal) => {
    const file = await toFile(WAV, "a.wav");
    const stream = await client.audio.transcriptions.create({ model: "default", file, stream: true }, {
      signal,
    });
    await Array.fromAsync(stream);
  },
};

for (const [name, ask] of Object.entries(ASKING)) {
  Deno.test(`services: a client that goes away ends its engine's work at once: ${name}`, async () => {
    const { waiting, engines } = deafEngines();
    await using on = await serviceStage({ engines, statusAfterMs: 10 });
    const leaving = new AbortController();
    const asking = ask(on, leaving.signal).catch(() => "left");
    await until(() => waiting.count === 1);
    leaving.abort();
    await asking;
    await until(() => waiting.ended === 1);
  });
}

Deno.test("services: when the server ends, so does what it works on", async () => {
  const { waiting, engines } = deafEngines();
  const on = await serviceStage({ engines });
  const asking = Object.values(ASKING).slice(0, 4).map((ask) => ask(on, new AbortController().signal));
  const settled = Promise.allSettled(asking);
  await until(() => waiting.count === 4);
  await on[Symbol.asyncDispose]();
  const outcomes = await settled;
  assert.equal(waiting.count, 0);
  const [whole] = outcomes;
  assert.ok(
    whole?.status === "rejected" && whole.reason.status === 503,
    `${outcomes.map(({ status }) => status)}`,
  );
});

Deno.test("services: who begins a request and does not go on gives up its room", async () => {
  await using on = await serviceStage({ maxRequests: 1, patienceMs: 30 });
  const head = [
    "POST /v1/chat/completions HTTP/1.1",
    `Host: 127.0.0.1:${on.server.server.port}`,
    "Content-Length: 100",
  ];
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(on.server.server.port, "127.0.0.1", () => {
      socket.write(`${head.join("\r\n")}\r\n\r\n{`);
    });
    let text = "";
    socket.on("data", (data) => text += data.toString());
    socket.on("data", () => text.includes("did not come") && socket.destroy());
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
  assert.match(answer, /^HTTP\/1\.1 408 .*did not come/s);
  await on.client.chat.completions.create(HELLO);
});

Deno.test("services: who does not read its answer gives up its room", async () => {
  let left = false;
  const llm = {
    ...fakeEngines().llm,
    async *generate() {
      try {
        // More than any buffer between here and there.
        while (true) yield { type: "text", delta: "x".repeat(100_000) } as const;
      } finally {
        left = true;
      }
    },
  };
  await using on = await serviceStage({ engines: { llm }, patienceMs: 30 });
  const body = JSON.stringify({ ...HELLO, stream: true });
  const socket = connect(on.server.server.port, "127.0.0.1", () => {
    const lines = [
      "POST /v1/chat/completions HTTP/1.1",
      `Host: 127.0.0.1:${on.server.server.port}`,
      `Content-Length: ${body.length}`,
    ];
    socket.pause();
    socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
  });
  socket.on("error", () => {});
  await until(() => left);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.destroy();
  await closed;
});
