import assert from "node:assert/strict";
import { FakeClock } from "../../support/fake_clock.ts";
import type { EventBody } from "../../../src/protocol/events.ts";
import {
  ParleyClient,
  type ParleyClientError,
  type ParleyEvent,
} from "../../../src/protocol/generated/client.ts";
import { BatchTimer } from "../../../src/server/batch_timer.ts";
import { SessionRegistry } from "../../../src/sessions/registry.ts";
import { fakeSession } from "../../support/fake_session.ts";
import { seeded } from "../../support/generated.ts";
import { stage, until } from "../../support/server_stage.ts";
import { type WireSocket, wireTo } from "../../support/wire.ts";

const RECORDING = new URL("../../fixtures/protocol/events.jsonl", import.meta.url);

/** What happened in a real conversation. */
async function recordedFacts(): Promise<EventBody[]> {
  const lines = (await Deno.readTextFile(RECORDING)).trim().split("\n");
  return lines.map((line) => JSON.parse(line)).filter(({ seq }) => seq !== undefined);
}

/** A session, and a client of it whose connection is in the test's hands. */
function connected(batch: boolean) {
  const local = fakeSession("local", 100_000);
  const sessions = new SessionRegistry({
    capacity: 1,
    create: fakeSession,
    clock: new FakeClock(),
    resumeMs: 1000,
  });
  sessions.add(local);
  const batches = new BatchTimer();
  let socket: WireSocket | undefined;
  const client = new ParleyClient({
    url: "ws://here",
    firstWaitMs: 0,
    WebSocket: wireTo(sessions, batches, (opened) => {
      socket = opened;
      // The client asks for batches on its own; without them every event can be cut off from the next.
      if (!batch) {
        const { send } = opened;
        opened.send = (data) => String(data).includes('"batch":true') ? undefined : send.call(opened, data);
      }
    }),
  });
  const log: string[] = [];
  client.on("reset", () => void log.splice(0));
  client.on("event", (event) => {
    if (event.seq !== undefined) log.push(JSON.stringify(event));
  });
  return {
    session: local.session,
    log,
    socket: () => socket!,
    /** Waits until the client has connected anew. */
    async again(before: WireSocket) {
      while (socket === before) await new Promise((resolve) => setTimeout(resolve, 0));
    },
    /** What the client has seen must be what happened, once each and in order. */
    assertComplete(place: string) {
      batches[Symbol.dispose](); // Whatever waits for a batch is sent.
      socket!.deliver();
      const kept = local.session.since(0).events.map(({ json }) => json);
      assert.deepEqual(log, kept, place);
    },
    async [Symbol.asyncDispose]() {
      client.close();
      batches[Symbol.dispose]();
      await sessions[Symbol.asyncDispose]();
    },
  };
}

for (const batch of [false, true]) {
  const how = batch ? "in batches" : "one by one";
  Deno.test(`client: cut off after any number of messages of real turns, ${how}, it has seen what happened`, async () => {
    const facts = (await recordedFacts()).slice(0, 140);
    await Promise.all(Array.from({ length: facts.length + 3 }, async (_, cutAfter) => {
      await using on = connected(batch);
      let left = cutAfter;
      let isCut = false;
      for (const fact of facts) {
        on.session.publish(fact);
        if (isCut) continue;
        left -= on.socket().deliver(left);
        if (left > 0) continue;
        const lost = on.socket();
        lost.cut();
        isCut = true;
        if (cutAfter % 2 === 0) await on.again(lost); // Else it misses all that is left.
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
      on.assertComplete(`cut after ${cutAfter}`);
    }));
  });

  Deno.test(`client: cut off thousands of times at random, ${how}, it has seen what happened`, async () => {
    const facts = await recordedFacts();
    let cuts = 0;
    await Promise.all(Array.from({ length: 25 }, async (_, seed) => {
      const random = seeded(seed * 7919 + 1);
      await using on = connected(batch);
      for (let round = 0; round < 100; round++) {
        for (let i = random(8); i > 0; i--) on.session.publish(facts[random(facts.length)]!);
        on.socket().deliver(random(10));
        for (let i = random(4); i > 0; i--) on.session.publish(facts[random(facts.length)]!);
        if (random(3) === 0) continue;
        const lost = on.socket();
        lost.cut();
        cuts++;
        for (let i = random(4); i > 0; i--) on.session.publish(facts[random(facts.length)]!);
        await on.again(lost);
      }
      on.assertComplete(`seed ${seed}`);
    }));
    assert.ok(cuts > 1500, `${cuts}`);
  });
}

Deno.test("client: over a real connection it commands, hears sound and is told of errors by their code", async () => {
  await using on = await stage();
  const client = new ParleyClient({ url: `http://127.0.0.1:${on.server.port}` });
  const sounds: number[] = [];
  client.on("sound", ({ samples, sampleRate, seq }) => sounds.push(samples[1]!, sampleRate, seq));
  assert.equal((await client.send("ping", { sent_at: 3 })).sent_at, 3);
  assert.deepEqual((await client.send("subscribe", { audio: true })).audio, true);
  await assert.rejects(client.send("say", { text: "hi", voice: "nobody" }), {
    name: "ParleyClientError",
    code: "NOT_FOUND",
    message: "There is no such voice.",
  });
  const frame = { samples: Float32Array.of(0, 0.5), sampleRateHz: 16_000, startMs: 0, gap: false };
  on.local.session.record(
    { type: "tts.progress", text: "hi", chunk: 0, offsetMs: 0, frame, textEnd: 2 } as Parameters<
      typeof on.local.session.record
    >[0],
    { atMs: 0 },
  );
  await until(() => sounds.length > 0);
  assert.deepEqual(sounds, [16_384, 16_000, 1]);
  const info = await client.send("connect", { session_id: "other" });
  assert.deepEqual([info.session_id, client.session], ["other", "other"]);
  client.close();
  await assert.rejects(client.send("ping"), { code: "UNAVAILABLE" });
});

Deno.test("client: what was asked before the connection waits for it; what was asked on a lost one fails", async () => {
  await using real = await stage();
  const client = new ParleyClient({ url: `ws://127.0.0.1:${real.server.port}`, firstWaitMs: 10 });
  const states: string[] = [];
  client.on("state", (state) => states.push(state));
  const told: ParleyEvent[] = [];
  client.onEvent("message", (event) => told.push(event));
  const answer = await client.send("message", { text: "asked before" });
  assert.deepEqual(answer, { turn_id: "turn-1" });
  await client.send("subscribe", { events: ["message"] });
  real.local.startDemo = () => new Promise(() => {}); // Never answers.
  const lost = client.send("demo_flow").catch((error: ParleyClientError) => error.code);
  await client.send("ping");
  real.server.disconnectAll();
  assert.equal(await lost, "UNAVAILABLE");
  real.local.tell("while nobody heard");
  await until(() => told.length === 1);
  assert.equal((await client.send("unsubscribe", {})).events instanceof Array, true);
  const { events } = await client.send("subscribe", {}) as { events: string[] };
  assert.deepEqual(events, ["message"], "subscriptions are said again");
  client.close();
  assert.deepEqual(states, ["open", "waiting", "connecting", "open", "closed"]);
});

Deno.test("client: a server that never answers is left, and a command to it ends in time", async () => {
  const sockets: { onclose(): void }[] = [];
  class Deaf {
    binaryType = "";
    onmessage = () => {};
    onclose = () => {};
    onerror = () => {};
    constructor() {
      sockets.push(this);
    }
    send() {}
    close() {}
  }
  const client = new ParleyClient({
    url: "ws://nowhere",
    timeoutMs: 20,
    silenceMs: 10,
    firstWaitMs: 1,
    WebSocket: Deaf as unknown as typeof WebSocket,
  });
  await assert.rejects(client.send("ping"), { code: "TIMEOUT", message: /"ping"/ });
  await until(() => sockets.length >= 2);
  client.close();
});

Deno.test("client: a session that begins anew is told as a reset, and then from its first event", async () => {
  await using on = connected(false);
  on.session.publish({ type: "message", data: { role: "user", text: "one" } });
  on.socket().deliver();
  const before = on.socket();
  const client = on.session;
  Object.defineProperty(client, "epoch", { value: "another life" });
  before.cut();
  await on.again(before);
  on.assertComplete("the log of the new life");
  assert.equal(on.log.length, 1);
});
