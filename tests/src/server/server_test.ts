import assert from "node:assert/strict";
import { ANSWERS, COMMANDS } from "../../../src/protocol/commands.ts";
import { settle } from "../../support/fake_clock.ts";
import { stage, until } from "../../support/server_stage.ts";

Deno.test("server: a client is told where it is, what came before, and then what happens", async () => {
  await using on = await stage();
  on.local.tell("before");
  await using client = await on.client();
  on.local.tell("after");
  await client.next("message", { where: (event) => event.data.text === "after" });
  const types = client.events.map((event) => event.type);
  assert.deepEqual(types, ["connection_status", "session_info", "message", "replay", "message"]);
  assert.deepEqual(client.all("message").map((event) => event.seq), [1, 2]);
  assert.equal(client.all("session_info")[0]!.data.session_id, "local");
  assert.equal(client.all("connection_status")[0]!.data.clients, 1);
});

Deno.test("server: every command with an id is answered exactly once, with that id", async () => {
  await using on = await stage();
  await using client = await on.client();
  const data: Readonly<Record<string, unknown>> = {
    stt_start: { mode: "continuous" },
    message: { text: "hi" },
    say: { text: "hi" },
    audio_start: { sample_rate: 16_000, format: "pcm16" },
    start_conversation: { workflow: "test" },
    load_model: { task: "vad", name: "fake" },
    pull_model: { name: "fake" },
    memory_add: { text: "my keys are here" },
    memory_search: { query: "keys" },
    memory_forget: { memory_id: "1" },
    debug_request: { debug_type: "snapshot" },
  };
  const names = [...Object.keys(COMMANDS), "nonsense"];
  for (const type of names) {
    client.socket.send(JSON.stringify({ type, data: data[type] ?? {}, id: `id-${type}` }));
  }
  await client.ask("ping", {}, "pong");
  await settle();
  for (const type of names) {
    const answers = client.events.filter((event) => event.id === `id-${type}`);
    const right = type === "nonsense" ? "error" : Reflect.get(ANSWERS, type) ?? "ack";
    assert.deepEqual(answers.map((event) => event.type), [right], `${type}: ${JSON.stringify(answers)}`);
  }
  assert.ok(on.local.asked.includes("message hi") && on.local.asked.includes("start continuous"));
});

Deno.test("server: a command that cannot be done is an error with its id, and the client stays", async () => {
  await using on = await stage();
  await using client = await on.client();
  const refused = await client.ask("say", { text: "hi", voice: "nobody" }, "error");
  assert.deepEqual([refused.data.code, refused.data.message], ["NOT_FOUND", "There is no such voice."]);
  for (const garbage of ["\u0000", "{", "[1,2", "nonsense".repeat(1000)]) client.socket.send(garbage);
  assert.equal((await client.ask("ping", { sent_at: 5 }, "pong")).data.sent_at, 5);
  assert.equal(client.all("error").length, 5);
});

Deno.test("server: who comes back with last_seq misses nothing and gets nothing twice, wherever it was cut", async () => {
  await using on = await stage();
  for (let i = 1; i <= 30; i++) on.local.tell(`message ${i}`);
  for (let last = 0; last <= 30; last++) {
    await using client = await on.client(`/ws?last_seq=${last}`);
    assert.deepEqual(
      client.all("message").map((event) => event.seq),
      Array.from({ length: 30 - last }, (_, i) => last + i + 1),
    );
    const { from_seq, to_seq, complete } = client.all("replay")[0]!.data;
    assert.deepEqual([to_seq, complete], [30, true]);
    assert.equal(from_seq, Math.min(last + 1, 30));
  }
});

Deno.test("server: two clients that are cut off again and again, each at another point, still see everything once", async () => {
  await using on = await stage();
  const told: number[][] = [[], []];
  for (let round = 0; round < 20; round++) {
    const lastOf = (seen: number[]) => seen.at(-1) ?? 0;
    await using one = await on.client(`/ws?last_seq=${lastOf(told[0]!)}`);
    await using two = await on.client(`/ws?last_seq=${lastOf(told[1]!)}`);
    for (let i = 0; i < round % 4 + 1; i++) on.local.tell(`${round} ${i}`);
    // The first is cut in the middle of what comes; the second has it all, and every other time moves in place.
    await one.next("message", { where: (event) => event.seq === on.local.session.lastSeq - round % 2 });
    if (round % 2) await two.ask("connect", { last_seq: on.local.session.lastSeq }, "session_info");
    await two.next("message", { where: (event) => event.seq === on.local.session.lastSeq });
    for (const [index, client] of [one, two].entries()) {
      told[index]!.push(...client.all("message").map((event) => event.seq!));
    }
    on.local.tell("while both are away");
  }
  for (const seen of told) {
    assert.ok(seen.length > 60, `${seen.length}`);
    assert.deepEqual(seen, seen.map((_, index) => index + 1));
  }
});

Deno.test("server: numbers of another life of the session bring back everything there is, and say so", async () => {
  await using on = await stage();
  on.local.tell("after the restart");
  await using client = await on.client("/ws?last_seq=500");
  const { events, ...around } = client.all("replay")[0]!.data;
  assert.deepEqual(around, { from_seq: 1, to_seq: 1, complete: false });
  assert.equal(events.length, 1);
  await using stranger = await on.client("/ws/fresh?last_seq=500");
  assert.equal(stranger.all("session_info")[0]!.data.status, "new");
});

Deno.test("server: a log that has forgotten what was asked for says so", async () => {
  await using on = await stage({ logEvents: 10 });
  for (let i = 1; i <= 200; i++) on.local.tell(`message ${i}`);
  await using client = await on.client("/ws?last_seq=3");
  assert.equal(client.all("replay")[0]!.data.complete, false);
  assert.equal(client.all("message").at(-1)!.seq, 200);
});

Deno.test("server: all clients of a session see the same events in the same order; other sessions none of them", async () => {
  await using on = await stage();
  await using one = await on.client();
  await using two = await on.client();
  await using other = await on.client("/ws/elsewhere");
  for (let i = 0; i < 50; i++) on.local.tell(`message ${i}`);
  for (const client of [one, two]) await client.next("message", { where: (event) => event.seq === 50 });
  assert.deepEqual(one.all("message"), two.all("message"));
  await other.ask("ping", {}, "pong");
  assert.deepEqual(other.all("message"), []);
  assert.equal(other.all("session_info")[0]!.data.status, "new");
});

Deno.test("server: subscriptions choose events by pattern, and sound only by asking", async () => {
  await using on = await stage();
  await using client = await on.client();
  const frame = { samples: Float32Array.from([0, 0.5]), sampleRateHz: 16_000, startMs: 0, gap: false };
  const speak = () =>
    on.local.session.record({ type: "tts.progress", text: "a ", chunk: 0, offsetMs: 0, frame }, { atMs: 1 });
  speak();
  const { data } = await client.ask("subscribe", { events: ["tts_*"], audio: true, batch: false });
  assert.deepEqual(data, { events: ["tts_*"], audio: true, batch: false });
  assert.deepEqual((await client.ask("subscribe", { events: ["tts_*"] })).data, data, "twice is once");
  on.local.tell("not wanted");
  speak();
  await client.ask("ping", {}, "pong");
  assert.deepEqual(client.all("message"), []);
  assert.equal(client.all("tts_progress").length, 2);
  assert.equal(client.frames.length, 1, "the sound before it was asked for did not come");
  const view = new DataView(client.frames[0]!);
  assert.deepEqual([view.getUint32(0, true), view.getUint32(4, true), view.getInt16(10, true)], [
    3,
    16_000,
    16_384,
  ]);
  await client.ask("unsubscribe", { audio: true });
  speak();
  await client.ask("ping", {}, "pong");
  assert.equal(client.frames.length, 1);
});

Deno.test("server: a client's sound counts between audio_start and audio_stop, and stops when it leaves", async () => {
  await using on = await stage();
  const client = await on.client();
  client.socket.send(new Uint8Array(640));
  assert.equal((await client.next("error")).data.code, "CONFLICT");
  for (const sample_rate of [0, 4000, 96_000, "16000"]) {
    const refused = await client.ask("audio_start", { sample_rate, format: "pcm16" }, "error");
    assert.equal(refused.data.code, "VALIDATION_ERROR");
  }
  for (const wrong of [{ sample_rate: 16_000 }, { sample_rate: 16_000, format: "mp3" }]) {
    assert.equal((await client.ask("audio_start", wrong, "error")).data.details!.path, "data.format");
  }
  await client.ask("audio_start", { sample_rate: 16_000, format: "pcm16" });
  await client.ask("audio_start", { sample_rate: 48_000, format: "pcm16" });
  client.socket.send(new Uint8Array(640));
  await client.ask("ping", {}, "pong");
  assert.equal(on.local.heardBytes(), 640);
  assert.deepEqual(on.local.asked, ["audio start 16000", "audio stop", "audio start 48000"]);
  await client.ask("audio_stop");
  await client.ask("audio_stop");
  client.socket.send(new Uint8Array(640));
  await client.next("error", {
    where: (event) => event.data.code === "CONFLICT",
    from: client.events.length,
  });
  assert.equal(on.local.heardBytes(), 640);
  on.local.asked.length = 0;
  await client.ask("audio_start", { sample_rate: 8000, format: "pcm16" });
  await client[Symbol.asyncDispose]();
  await until(() => on.local.asked.includes("audio stop"));
});

Deno.test("server: connect moves a client to another session, with its log", async () => {
  await using on = await stage();
  await using client = await on.client();
  const info = await client.ask("connect", { session_id: "mine" }, "session_info");
  assert.equal(info.data.session_id, "mine");
  on.local.tell("not for it any more");
  await client.ask("ping", {}, "pong");
  assert.deepEqual(client.all("message"), []);
  const refused = await client.ask("connect", { session_id: "../etc" }, "error");
  assert.equal(refused.data.code, "VALIDATION_ERROR");
  assert.equal(
    (await client.ask("get_history", {}, "history")).session_id,
    "mine",
    "a failed move changes nothing",
  );
});

Deno.test("server: connect where one is already repeats nothing, unless it is asked to", async () => {
  await using on = await stage();
  for (let i = 0; i < 5; i++) on.local.tell(`message ${i}`);
  await using client = await on.client();
  await client.ask("connect", { session_id: "local" }, "session_info");
  on.local.tell("live");
  await client.next("message", { where: (event) => event.seq === 6 });
  assert.deepEqual(client.all("message").map((event) => event.seq), [1, 2, 3, 4, 5, 6]);
  const from = client.events.length;
  await client.ask("connect", { last_seq: 4 }, "session_info");
  const { data } = await client.next("replay", { from });
  assert.deepEqual(data.events.map((event) => event.seq), [5, 6]);
});

Deno.test("server: a mistake of its own is told without its words, which may name files", async () => {
  await using on = await stage();
  on.local.startDemo = () => Promise.reject(new Deno.errors.NotFound("open '/home/somebody/script.json'"));
  await using client = await on.client();
  const { data } = await client.ask("demo_flow", {}, "error");
  assert.equal(data.code, "SERVER_ERROR");
  assert.match(data.message, /NotFound/);
  assert.doesNotMatch(data.message, /somebody/);
});

Deno.test("server: a client that takes batches gets the same events in the same order", async () => {
  await using on = await stage();
  await using plain = await on.client();
  await using batching = await on.client();
  const { data } = await batching.ask("subscribe", { batch: true });
  assert.deepEqual(data, { events: ["*"], audio: false, batch: true });
  for (let i = 1; i <= 500; i++) on.local.tell(`message ${i}`);
  for (const client of [plain, batching]) {
    await client.next("message", { where: (event) => event.seq === 500 });
    assert.deepEqual(
      client.all("message").map((event) => event.seq),
      Array.from({ length: 500 }, (_, i) => i + 1),
    );
  }
  assert.equal((await batching.ask("unsubscribe", { batch: true })).data.batch, false);
});

Deno.test("server: connect furnishes a session that nothing was said in, and leaves one under way as it is", async () => {
  await using on = await stage();
  await using client = await on.client();
  const history = [{ role: "user", content: "hello" }, { role: "assistant", content: "hi" }];
  const info = await client.ask(
    "connect",
    { session_id: "mine", personality: "pirate", history },
    "session_info",
  );
  assert.deepEqual([info.data.status, info.data.personality], ["new", "pirate"]);
  assert.deepEqual((await client.ask("get_history", {}, "history")).data.messages, history);
  const again = await client.ask("connect", { personality: "robot", history: [] }, "session_info");
  assert.deepEqual([again.data.status, again.data.personality], ["resumed", "pirate"]);
  assert.deepEqual((await client.ask("get_history", {}, "history")).data.messages, history);
  const refused = await client.ask("connect", { session_id: "other", personality: "nobody" }, "error");
  assert.equal(refused.data.code, "NOT_FOUND");
  assert.equal((await client.ask("connect", {}, "session_info")).data.session_id, "mine");
});

Deno.test("server: numbers of another epoch bring back everything there is, and say so", async () => {
  await using on = await stage({ resumeMs: 0 });
  for (let i = 1; i <= 5; i++) on.local.tell(`message ${i}`);
  await using client = await on.client();
  const { epoch } = client.all("session_info")[0]!.data;
  await using same = await on.client(`/ws?last_seq=3&epoch=${epoch}`);
  assert.deepEqual(same.all("replay")[0]!.data.events.map(({ seq }) => seq), [4, 5]);
  await using other = await on.client("/ws?last_seq=3&epoch=another");
  assert.deepEqual(other.all("replay")[0]!.data.complete, false);
  assert.equal(other.all("replay")[0]!.data.events.length, 5);
});

Deno.test("server: how loud it is, is told while it is so, to those who asked for audio, and not kept", async () => {
  await using on = await stage();
  await using client = await on.client();
  await using other = await on.client();
  await client.ask("subscribe", { events: ["voice_*"], audio: true });
  on.local.session.record({ type: "voice.level", levels: [0.12345, 1.2] }, { atMs: Date.now() });
  const level = await client.next("voice_level");
  assert.deepEqual([level.data.levels, level.seq], [[0.123, 1], undefined]);
  await client.ask("unsubscribe", { events: ["voice_level"] });
  on.local.session.record({ type: "voice.level", levels: [0] }, { atMs: Date.now() });
  for (const asked of [client, other]) await asked.ask("ping", {}, "pong");
  assert.deepEqual([client.all("voice_level").length, other.all("voice_level").length], [1, 0]);
  assert.equal(on.local.session.lastSeq, 0);
});
