/** Sessions with the real engines, through the generated client: what can be changed, and what outlives the server. */
import assert from "node:assert/strict";
import { startApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { EventBody } from "../../src/protocol/events.ts";
import { ParleyClient, type ParleyEvent } from "../../src/protocol/generated/client.ts";
import { SessionStore } from "../../src/sessions/session_store.ts";
import { until } from "../support/server_stage.ts";

const SETTINGS = `
development = true
port = 0
replay_events = 1000
[audio]
backend = "null"
[personalities.pirate]
system_prompt = "You are a friendly pirate."
voice = "rms"
[workflows.morning]
personality = "pirate"
opening = "Good morning to you."
`;

/** A server of its own, and a client in one of its sessions. */
async function server(settings: string, environment: Record<string, string> = {}) {
  const config = readConfig({ flags: [], environment: {}, file: SETTINGS + settings });
  const app = await startApp(config.config, { environment: { ...Deno.env.toObject(), ...environment } });
  return {
    app,
    connect(session: string) {
      const client = new ParleyClient({ url: `http://127.0.0.1:${app.port}`, session });
      const events: ParleyEvent[] = [];
      client.on("event", (event) => events.push(event));
      return {
        client,
        events,
        async turn(text: string) {
          const { turn_id } = await client.send("message", { text });
          await until(() => events.some((event) => event.type === "turn_end" && event.turn_id === turn_id));
        },
        types: (type: EventBody["type"]) => events.filter((event) => event.type === type),
        [Symbol.dispose]: () => client.close(),
      };
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}

Deno.test("open session: who the assistant is changes at once, all of what is asked or nothing", async () => {
  await using on = await server("");
  using one = on.connect("mine");
  using other = on.connect("mine");
  const { client } = one;
  const updated = await client.send("session_update", {
    personality: "pirate",
    turn_taking: { endpoint_ms: 700 },
    memory: false,
  });
  assert.deepEqual([updated.personality, updated.voice, updated.memory], ["pirate", "rms", false]);
  assert.equal(updated.turn_taking.endpoint_ms, 700);
  const wrong = [
    [{ personality: "nobody" }, "NOT_FOUND"],
    [{ voice: "nobody", memory: true }, "NOT_FOUND"],
    [{ models: { llm: "gpt" } }, "NOT_FOUND"],
    [{ turn_taking: { endpoint_ms: 100 } }, "VALIDATION_ERROR"],
  ] as const;
  for (const [changes, code] of wrong) {
    await assert.rejects(client.send("session_update", changes), { code });
  }
  assert.deepEqual(await client.send("session_update", {}), updated, "a refused change changes nothing");
  const { messages } = await client.send("debug_request", { debug_type: "prompts" }) as {
    messages: { content: string }[];
  };
  assert.equal(messages[0]!.content, "You are a friendly pirate.");
  await one.turn("hello");
  const [started] = one.types("tts_start");
  assert.equal((started!.data as { voice: string }).voice, "rms");
  await until(() => other.types("turn_end").length === 1);
  const logged = ({ seq }: ParleyEvent) => seq !== undefined;
  assert.deepEqual(
    other.events.filter(logged),
    one.events.filter(logged),
    "both see the same, in the same order",
  );
  using elsewhere = on.connect("another");
  assert.equal((await elsewhere.client.send("session_update", {})).personality, "default");
  assert.deepEqual((await elsewhere.client.send("get_history")).messages, []);
});

Deno.test("open session: a workflow begins afresh, and says so", async () => {
  await using on = await server("");
  using one = on.connect("mine");
  await one.turn("hello");
  const info = await one.client.send("start_conversation", { workflow: "morning" });
  assert.equal(info.personality, "pirate");
  await until(() => one.types("tts_result").length === 2);
  const spoken = one.types("tts_result").at(-1)!.data as { spoken_text: string };
  assert.equal(spoken.spoken_text, "Good morning to you.");
  await assert.rejects(one.client.send("start_conversation", { workflow: "evening" }), {
    code: "NOT_FOUND",
    message: /morning/,
  });
  await until(() => one.types("turn_end").length === 2);
  const { messages } = await one.client.send("get_history");
  assert.deepEqual(messages, [{ role: "assistant", content: "Good morning to you." }]);
});

Deno.test("open session: one that is kept goes on where it was after the server has ended", async () => {
  const folder = await Deno.makeTempDir();
  const settings = `[sessions]\nfile = ${JSON.stringify(`${folder}/sessions.sqlite`)}\n`;
  let before: ParleyEvent[];
  let history: readonly unknown[];
  let place: { readonly seq: number; readonly epoch: string };
  {
    await using on = await server(settings);
    using one = on.connect("kept");
    await one.turn("hello");
    await one.client.send("session_update", { personality: "pirate" });
    await one.turn("good night");
    before = one.events.filter(({ seq }) => seq !== undefined);
    history = (await one.client.send("get_history")).messages;
    const info = one.types("session_info")[0]!.data as { epoch: string };
    place = { seq: one.client.lastSeq, epoch: info.epoch };
  }
  await using on = await server(settings);
  using one = on.connect("kept");
  await one.turn("thank you");
  const info = one.types("session_info")[0]!.data as { status: string; personality: string; epoch: string };
  assert.deepEqual([info.status, info.personality, info.epoch], ["resumed", "pirate", place.epoch]);
  const after = one.events.filter(({ seq }) => seq !== undefined);
  assert.deepEqual(after.slice(0, before.length), before);
  assert.deepEqual(after.map(({ seq }) => seq), after.map((_, index) => index + 1));
  const { messages } = await one.client.send("get_history");
  assert.deepEqual(messages.slice(0, history.length), history);
  await one.client.send("clear_history");
  assert.ok(one.client.lastSeq > place.seq);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("open session: a voice that is not there ends the start with its name; a kept one that is gone does not", async () => {
  const folder = await Deno.makeTempDir();
  const file = `[sessions]\nfile = ${JSON.stringify(`${folder}/sessions.sqlite`)}\n`;
  await assert.rejects(server("[personalities.default]\nvoice = 'nobody'\n"), {
    code: "NOT_FOUND",
    message: /no voice "nobody"; there are /,
  });
  {
    await using on = await server(file);
    using one = on.connect("kept");
    await one.client.send("session_update", { personality: "pirate", memory: false });
  }
  const store = new SessionStore({ path: `${folder}/sessions.sqlite`, nowMs: Date.now, keepMs: 1e9 });
  const record = store.open("kept");
  const state = record.saved.state as { chosen: Record<string, unknown> };
  record.save({ ...state, chosen: { ...state.chosen, voice: "one that was removed" } });
  store[Symbol.dispose]();
  await using on = await server(file);
  using one = on.connect("kept");
  // It went with the model it was of; what else was chosen stays.
  const { personality, memory, voice, voices } = await one.client.send("session_update", {});
  assert.deepEqual([personality, memory, voice], ["pirate", false, voices?.[0]]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("open session: hooks are told of every session, and tell what became of it", async () => {
  const folder = await Deno.makeTempDir();
  const command = JSON.stringify(["sh", "-c", `cat >> ${folder}/told`]);
  await using on = await server(`[[hooks]]\nname = "log"\nevents = ["message"]\ncommand = ${command}\n`);
  using one = on.connect("mine");
  await one.turn("hello");
  await until(() => one.types("hook_triggered").length === 2);
  const { data } = one.types("hook_triggered")[0]! as ParleyEvent<"hook_triggered">;
  assert.deepEqual([data.hook, data.event, data.ok], ["log", "message", true]);
  assert.match(
    await Deno.readTextFile(`${folder}/told`),
    /"role":"user","text":"hello".*"role":"assistant"/s,
  );
  const metrics = await (await fetch(`http://127.0.0.1:${on.app.port}/metrics`)).text();
  assert.match(metrics, /parley_hooks_total\{hook="log",ok="true"\} 2/);
  assert.match(metrics, /parley_turns_total\{reason="completed"\} 1/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("open session: devices are the local session's alone, and one that is not there changes nothing", async () => {
  await using on = await server("");
  using local = on.connect("local");
  using mine = on.connect("mine");
  await assert.rejects(mine.client.send("select_device", {}), { code: "UNAVAILABLE" });
  await assert.rejects(local.client.send("select_device", { input: "nowhere" }), { code: "NOT_FOUND" });
  assert.deepEqual((await local.client.send("select_device", {})).selected, {});
  const { models } = await mine.client.send("list_models");
  assert.deepEqual(models.filter(({ loaded }) => loaded).map(({ task, name }) => [task, name]), [
    ["vad", "silero"],
    ["turn", "starter-turn"],
    ["stt", "starter-stt"],
    ["llm", "starter-llm"],
    ["tts", "flite"],
  ]);
  const whisper = models.find(({ name }) => name === "whisper-base");
  assert.deepEqual([whisper?.loaded, whisper?.installed, whisper?.megabytes], [false, false, 80]);
  await assert.rejects(mine.client.send("load_model", { task: "llm", name: "huge" }), { code: "NOT_FOUND" });
});
