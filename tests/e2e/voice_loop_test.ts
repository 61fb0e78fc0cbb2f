/** The whole server in its own process, with a virtual microphone and loudspeaker: what a person would hear. */
import assert from "node:assert/strict";
import { startServerProcess, type TestClient } from "../support/server_process.ts";
import { stretches } from "../support/room_times.ts";
import {
  fixture,
  hasVirtualAudio,
  pause,
  type VirtualAudio,
  virtualAudio,
} from "../support/virtual_audio.ts";

const device = (name: string, run: (room: VirtualAudio) => Promise<void>) =>
  Deno.test({
    name: `voice loop: ${name}`,
    ignore: !hasVirtualAudio(),
    async fn() {
      await using room = await virtualAudio();
      await run(room);
    },
  });

const say = async (room: VirtualAudio, name: string) => await room.speak(await fixture(`speech/${name}.wav`));
const turnEnds = (client: TestClient) => client.all("turn_end").map((event) => event.data.reason);

device("in continuous mode a spoken question is heard, answered aloud and traced", async (room) => {
  await using server = await startServerProcess(["--continuous"], room.environment);
  await using client = await server.connect();
  const recording = await room.record();
  await say(room, "michael_day");
  await client.next("turn_end");
  const { loudspeaker, sampleRateHz } = await recording.stop();

  assert.equal(client.all("stt_result")[0]!.data.text, "what day is it today");
  assert.ok(client.all("stt_progress").length >= 2, "transcripts came while the user was speaking");
  assert.equal(client.all("tool_call")[0]!.data.name, "get_date");
  const answer = client.all("tts_result")[0]!.data;
  assert.match(answer.spoken_text, new RegExp(String(new Date().getFullYear())));
  const [sounded] = stretches(loudspeaker, sampleRateHz, 1000);
  assert.ok(sounded, "the loudspeaker sounded");
  const soundedMs = sounded.endMs - sounded.startMs;
  assert.ok(Math.abs(soundedMs - answer.audio_ms) < 300, `${soundedMs} ms sounded of ${answer.audio_ms}`);
  assert.ok(client.all("latency_trace")[0]!.data.voice_to_voice_ms! > 0);
  assert.deepEqual(turnEnds(client), ["completed"]);
});

device("in push-to-talk it answers when the key is released", async (room) => {
  await using server = await startServerProcess([], room.environment);
  await using client = await server.connect();
  await say(room, "michael_day");
  await pause(700);
  assert.deepEqual(client.all("turn_start"), [], "nothing is listened to before the key is pressed");

  const started = await client.ask("stt_start", { mode: "push_to_talk" });
  assert.equal(started.data.mode, "push_to_talk");
  await say(room, "michael_timer");
  await pause(700);
  assert.deepEqual(client.all("stt_result"), [], "nothing is answered while the key is held");
  await client.ask("stt_stop");
  await client.next("turn_end");
  assert.match(client.all("stt_result")[0]!.data.text, /set a timer/);
  assert.deepEqual(turnEnds(client), ["completed"]);
});

device("speaking over the answer silences it and is answered itself", async (room) => {
  await using server = await startServerProcess(["--continuous"], room.environment);
  await using client = await server.connect();
  const recording = await room.record();
  await client.ask("say", {
    text: "One two three four five six seven eight nine ten eleven twelve thirteen.",
  });
  await client.next("voice_speaking", { where: (event) => event.data.speaking });
  await pause(800);
  await say(room, "f5_day");
  await client.next("turn_end", { where: (event) => event.data.reason === "completed" });
  const { loudspeaker, microphone, sampleRateHz } = await recording.stop();

  assert.deepEqual(turnEnds(client), ["interrupted", "completed"]);
  const cut = client.all("tts_result")[0]!.data;
  assert.ok(cut.interrupted && cut.spoken_text.startsWith("One two"), cut.spoken_text);
  assert.ok(!cut.spoken_text.includes("nine"), cut.spoken_text);
  const [before] = stretches(loudspeaker, sampleRateHz, 400);
  const [voice] = stretches(microphone, sampleRateHz, 1000);
  assert.ok(before!.endMs < voice!.endMs, "the loudspeaker fell silent while the user was still speaking");
  const history = await client.ask("get_history", {}, "history");
  assert.equal(history.data.messages[0]!.content, cut.spoken_text, "the history holds what was heard");
});

device(
  "a sound server that dies is one DEVICE_ERROR, and the conversation goes on when it is back",
  async (room) => {
    await using server = await startServerProcess(["--continuous"], room.environment);
    await using client = await server.connect();
    await client.ask("say", {
      text: "One two three four five six seven eight nine ten eleven twelve thirteen.",
    });
    await client.next("voice_speaking", { where: (event) => event.data.speaking });
    await room.kill();
    await client.next("error");
    await client.next("turn_end");
    await pause(1000);
    const errors = client.all("error");
    assert.deepEqual(errors.map((event) => event.data.code), ["DEVICE_ERROR"], JSON.stringify(errors));

    const from = client.events.length;
    await client.ask("message", { text: "who are you" });
    const silent = await client.next("turn_end", { from });
    assert.equal(silent.data.reason, "completed", "without a loudspeaker, text is still answered");

    const restarted = client.events.length;
    await room.restart();
    await client.next("status", { from: restarted, where: (event) => event.data.detail !== undefined });
    await say(room, "f5_day");
    await client.next("turn_end", { from: restarted, where: (event) => event.data.reason === "completed" });
    assert.equal(client.all("stt_result").at(-1)!.data.text, "what day is it today");
    assert.equal(client.all("error").length, 1);
  },
);

Deno.test("voice loop: without any sound device the server says so and answers text", async () => {
  await using server = await startServerProcess(["--audio-backend", "null"]);
  await using client = await server.connect();
  await client.ask("message", { text: "what is six times seven" });
  await client.next("turn_end");
  assert.match(client.all("message").at(-1)!.data.text, /42/);
  const refused = await client.ask("stt_start", { mode: "continuous" }, "error");
  assert.equal(refused.data.code, "DEVICE_ERROR");
});
