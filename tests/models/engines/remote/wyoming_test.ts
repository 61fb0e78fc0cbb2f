import assert from "node:assert/strict";
import { describe, WyomingConnection } from "../../../../models/engines/remote/wyoming.ts";
import { assertFails } from "./assert_fails.ts";
import { ASR_INFO, describing, type Treatment, wyomingServer } from "./wyoming_server.ts";

const forever = new AbortController().signal;

async function ask(treatment: Treatment, { timeout_ms = 5000, signal = forever } = {}) {
  await using server = wyomingServer(treatment);
  return await describe({ ...server.address, timeout_ms }, { signal });
}

/** Answers with these bytes and hangs up. */
const answering = (...parts: (string | Uint8Array)[]): Treatment => async (client) => {
  await client.until("describe");
  await client.write(parts);
};

/** Answers with these bytes and keeps the line open. */
const holding = (...parts: (string | Uint8Array)[]): Treatment => async (client) => {
  await answering(...parts)(client);
  await client.gone();
};

Deno.test("wyoming: data in the line and data after it are one, whatever pieces they come in", async () => {
  const after = new TextEncoder().encode('{"tts":[{"name":"Zoë","voices":[{"name":"zoë"}]}]}');
  const head = { type: "info", data: { asr: [{ name: "a" }], tts: [] }, data_length: after.length };
  const bytes = new Uint8Array(await new Blob([`${JSON.stringify(head)}\n`, after]).arrayBuffer());
  const info = await ask(async (client) => {
    await client.until("describe");
    for (const byte of bytes) await client.write([Uint8Array.of(byte)]);
  });
  assert.deepEqual(info, { asr: [{ name: "a" }], tts: [{ name: "Zoë", voices: [{ name: "zoë" }] }] });
});

Deno.test("wyoming: messages of unknown types are passed over, and what they carry with them", async () => {
  const info = await ask(async (client) => {
    await client.until("describe");
    await client.say("pong", { text: "x" }, new Uint8Array(70_000).fill(10));
    await client.say("toString");
    await client.say("info", ASR_INFO);
    await client.gone();
  });
  assert.equal(info.asr?.length, 1);
});

const GARBAGE: Readonly<Record<string, readonly (string | Uint8Array)[]>> = {
  "HTTP": ["HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n"],
  "bytes that are no text": [Uint8Array.of(0xff, 0xfe, 0x00, 10)],
  "an empty line": ["\n"],
  "a line that is a list": ["[]\n"],
  "a line that is null": ["null\n"],
  "no type": ['{"data":{}}\n'],
  "a type that is a number": ['{"type":5}\n'],
  "data that is a string": ['{"type":"info","data":"asr"}\n'],
  "a negative length": ['{"type":"info","data_length":-1}\n'],
  "a broken length": ['{"type":"info","payload_length":1.5}\n'],
  "a length that is text": ['{"type":"info","data_length":"2"}\n{}'],
  "a huge length of data": ['{"type":"info","data_length":900000000000000}\n'],
  "a huge length of payload": ['{"type":"info","payload_length":900000000000000}\n'],
  "a length beyond numbers": ['{"type":"info","payload_length":1e400}\n'],
  "data that is no JSON": ['{"type":"info","data_length":3}\n{a}'],
  "data that is a list": ['{"type":"info","data_length":2}\n[]'],
  "a length that is too short": ['{"type":"info","data_length":5}\n{"asr":[]}\n'],
  "information of another shape": ['{"type":"info","data":{"asr":[{"name":5}]}}\n'],
  "a line without end": [new Uint8Array(5 * 2 ** 20).fill(32)],
};

for (const [what, parts] of Object.entries(GARBAGE)) {
  Deno.test(`wyoming: ${what} is MODEL_ERROR at once`, async () => {
    await assertFails(ask(holding(...parts)), "MODEL_ERROR", /127\.0\.0\.1:\d+ does not speak/);
  });
}

const CUTS: Readonly<Record<string, readonly string[]>> = {
  "before a word": [],
  "in a line": ['{"type":"in'],
  "in data": ['{"type":"info","data_length":20}\n{"asr"'],
  "in a payload": ['{"type":"info","data":{},"payload_length":20}\nabc'],
};

for (const [where, parts] of Object.entries(CUTS)) {
  Deno.test(`wyoming: a connection cut ${where} is UNAVAILABLE`, async () => {
    await assertFails(ask(answering(...parts)), "UNAVAILABLE", /127\.0\.0\.1:\d+ broke off/);
  });

  Deno.test(`wyoming: a server that stalls ${where} is TIMEOUT`, async () => {
    await assertFails(ask(holding(...parts), { timeout_ms: 100 }), "TIMEOUT", /nothing for 100 ms/);
  });
}

Deno.test("wyoming: a server that tells of an error is MODEL_ERROR, and its text is kept from everybody", async () => {
  const server: Treatment = async (client) => {
    await client.until("describe");
    await client.say("error", { text: "secret trouble", code: "secret" });
    await client.gone();
  };
  await assertFails(ask(server), "MODEL_ERROR", /^(?!.*secret).*reported an error/);
});

Deno.test("wyoming: nobody listening is UNAVAILABLE and says where", async () => {
  const address = await (async () => {
    await using server = wyomingServer(() => Promise.resolve());
    return server.address;
  })();
  const asked = describe({ ...address, timeout_ms: 5000 }, { signal: forever });
  await assertFails(asked, "UNAVAILABLE", new RegExp(`127\\.0\\.0\\.1:${address.port}`));
  const nowhere = { host: "no.such.host.invalid", port: 1, timeout_ms: 5000 };
  await assertFails(describe(nowhere, { signal: forever }), "UNAVAILABLE", /no\.such\.host\.invalid:1:/);
});

Deno.test("wyoming: an abort rejects with its reason at once and closes the connection", async () => {
  const gone = Promise.withResolvers<void>();
  const controller = new AbortController();
  await using server = wyomingServer(async (client) => {
    await client.until("describe");
    controller.abort("barge_in");
    await client.gone();
    gone.resolve();
  });
  const asked = describe({ ...server.address, timeout_ms: 60_000 }, controller);
  await assert.rejects(asked, (reason) => reason === "barge_in");
  await gone.promise;
});

Deno.test("wyoming: a call that was aborted before connects to nobody", async () => {
  await using server = wyomingServer(describing(ASR_INFO));
  const asked = describe({ ...server.address, timeout_ms: 5000 }, { signal: AbortSignal.abort("no") });
  await assert.rejects(asked, (reason) => reason === "no");
  assert.equal(server.clients, 0);
});

Deno.test("wyoming: a server that takes nothing in is TIMEOUT for who sends", async () => {
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  await using server = wyomingServer(() => over);
  const address = { ...server.address, timeout_ms: 200 };
  using connection = await WyomingConnection.open(address, { signal: forever });
  const format = { rate: 16_000, width: 2, channels: 1 };
  const flood = async () => {
    while (true) await connection.send("audio-chunk", format, new Uint8Array(2 ** 20));
  };
  await assertFails(flood(), "TIMEOUT");
  await assertFails(connection.send("audio-stop", {}), "TIMEOUT");
  end();
});

Deno.test("wyoming: patience ends when an answer is expected", async () => {
  await using server = wyomingServer((client) => client.gone());
  using connection = await WyomingConnection.open({ ...server.address, timeout_ms: 100 }, {
    signal: forever,
  });
  let over = false;
  const received = connection.receive({ patient: true }).finally(() => over = true);
  received.catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(over, false);
  connection.expectAnswer();
  await assertFails(received, "TIMEOUT");
  await assertFails(connection.receive(), "TIMEOUT");
});
