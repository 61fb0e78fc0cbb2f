import assert from "node:assert/strict";
import { call, text } from "../support/fake_engines.ts";
import { talk } from "../support/talk.ts";
import type { Message } from "../../pipeline/engines.ts";
import type { Tool } from "../../pipeline/tools.ts";

Deno.test("conversation: a spoken turn is transcribed, answered, heard and remembered", async () => {
  await using t = talk({ hear: () => "what time is it", reply: () => text("It is noon.") });
  t.conversation.startListening("continuous");
  await t.microphone.hear("voice", 800);
  await t.microphone.hear("silence", 600);
  await t.clock.advance(2000);
  assert.deepEqual(t.types(), [
    "turn.start",
    "stt.start",
    "stt.result",
    "message",
    "llm.start",
    "llm.result",
    "tts.start",
    "playback.end",
    "message",
    "latency.trace",
    "turn.end",
  ]);
  assert.deepEqual(t.all("message").map(({ role, text }) => [role, text]), [
    ["user", "what time is it"],
    ["assistant", "It is noon."],
  ]);
  assert.deepEqual(t.conversation.history, [
    { role: "user", content: "what time is it" },
    { role: "assistant", content: "It is noon." },
  ]);
  assert.deepEqual(t.loudspeaker.played.map((p) => p.end), ["drained"]);
  assert.equal(t.conversation.state, "listening");
});

Deno.test("conversation: the answer prepared in the pause sounds as soon as the user has finished", async () => {
  await using t = talk();
  t.conversation.startListening("continuous");
  await t.microphone.hear("voice", 800);
  await t.microphone.hear("silence", 600);
  await t.clock.advance(2000);
  const { marks, voiceToVoiceMs } = t.all("latency.trace")[0]!.trace;
  // Endpointing waits 400 ms in frames of 32 ms; nothing is added to that.
  assert.equal(marks.endpoint! - marks.speech_end!, 416);
  assert.ok(voiceToVoiceMs! <= 420, `voice to voice ${voiceToVoiceMs}`);
  assert.ok(marks.llm_first_token! < marks.endpoint!);
});

Deno.test("conversation: a pause that was not the end throws the prepared answer away", async () => {
  let generations = 0;
  await using t = talk({
    hear: (audioMs) => audioMs < 1300 ? "what time" : "what time is it",
    reply: () => (generations++, text("It is noon.")),
  });
  t.conversation.startListening("continuous");
  await t.microphone.hear("voice", 700);
  await t.microphone.hear("silence", 300);
  await t.microphone.hear("voice", 700);
  await t.microphone.hear("silence", 600);
  await t.clock.advance(2000);
  assert.equal(generations, 2);
  assert.equal(t.all("attempt.discarded").length, 1);
  assert.equal(t.all("llm.start").length, 1, "nothing of the discarded answer is told");
  assert.equal(t.all("message")[0]!.text, "what time is it");
});

Deno.test("conversation: speaking over the answer cuts it and keeps what was heard", async () => {
  await using t = talk({ reply: () => text("One two three four five six seven eight nine ten.") });
  t.conversation.startListening("continuous");
  await t.microphone.hear("voice", 500);
  await t.microphone.hear("silence", 1000);
  assert.equal(t.conversation.state, "speaking");
  await t.microphone.hear("voice", 300);
  const end = t.all("playback.end")[0]!;
  assert.ok(end.interrupted);
  assert.ok(end.spokenText.startsWith("One two") && end.spokenText.length < 30, end.spokenText);
  assert.deepEqual(t.loudspeaker.played[0]!.end, "cut");
  assert.deepEqual(t.all("turn.end").map((e) => e.reason), ["interrupted"]);
  assert.equal(t.conversation.history.at(-1)!.content, end.spokenText);
  await t.microphone.hear("silence", 800);
  await t.clock.advance(5000);
  assert.deepEqual(t.all("turn.end").map((e) => e.reason), ["interrupted", "completed"]);
});

Deno.test("conversation: push-to-talk answers when the key is released, however long the pauses", async () => {
  await using t = talk({ hear: () => "set a timer" });
  t.conversation.startListening("push_to_talk");
  await t.microphone.hear("voice", 300);
  await t.microphone.hear("silence", 1500);
  await t.microphone.hear("voice", 300);
  assert.equal(t.all("stt.result").length, 0);
  t.conversation.stopListening();
  await t.clock.advance(3000);
  assert.deepEqual(t.all("turn.end").map((e) => e.reason), ["completed"]);
  assert.equal(t.conversation.state, "idle");
});

Deno.test("conversation: silence in push-to-talk ends without an answer", async () => {
  await using t = talk({ hear: () => "" });
  t.conversation.startListening("push_to_talk");
  await t.microphone.hear("silence", 500);
  t.conversation.stopListening();
  await t.clock.advance(500);
  assert.deepEqual(t.all("turn.end").map((e) => e.reason), ["no_speech"]);
  assert.equal(t.all("llm.start").length, 0);
});

Deno.test("conversation: starting and stopping twice is once", async () => {
  await using t = talk();
  t.conversation.startListening("push_to_talk");
  t.conversation.startListening("push_to_talk");
  await t.microphone.hear("voice", 300);
  t.conversation.stopListening();
  t.conversation.stopListening();
  await t.clock.advance(2000);
  assert.equal(t.all("turn.start").length, 1);
});

Deno.test("conversation: a tool that changes things waits until the user has finished, a pure one does not", async () => {
  const ran: string[] = [];
  const tool = (name: string, pure: boolean): [string, Tool] => [name, {
    spec: { name, description: name, parameters: {} },
    pure,
    run: () => (ran.push(name), Promise.resolve({ ok: true })),
  }];
  for (const name of ["look", "change"]) {
    ran.length = 0;
    await using t = talk({
      tools: new Map([tool("look", true), tool("change", false)]),
      reply: (messages) => messages.at(-1)!.role === "tool" ? text("Done.") : call(name, {}),
    });
    t.conversation.startListening("continuous");
    await t.microphone.hear("voice", 500);
    await t.microphone.hear("silence", 320);
    assert.deepEqual(ran, name === "look" ? ["look"] : []);
    await t.microphone.hear("silence", 300);
    await t.clock.advance(1000);
    assert.deepEqual(ran, [name]);
    assert.equal(t.all("tool.result").length, 1);
    assert.equal(t.conversation.history.at(-1)!.content, "Done.");
  }
});

Deno.test("conversation: a failing tool is told and the model answers from the failure", async () => {
  await using t = talk({
    reply: (messages) => {
      const last = messages.at(-1)!;
      return last.role === "tool" ? text(`It said ${last.content}`) : call("missing", {});
    },
  });
  t.conversation.message("do it");
  await t.clock.advance(9000);
  assert.equal(t.all("tool.error")[0]!.code, "NOT_FOUND");
  assert.match(t.conversation.history.at(-1)!.content, /There is no tool called/);
});

Deno.test("conversation: a tool that is interrupted has a result all the same, as every call must have", async () => {
  const seen: (readonly Message[])[] = [];
  const slow: Tool = {
    spec: { name: "slow", description: "", parameters: {} },
    pure: false,
    run: (_, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  };
  await using t = talk({
    tools: new Map([["slow", slow]]),
    reply: (messages) => {
      seen.push([...messages]);
      return seen.length > 1 ? text("Yes?") : [...call("slow", {}), ...call("slow", {})];
    },
  });
  t.conversation.message("take your time");
  await t.clock.advance(500);
  t.conversation.message("stop");
  await t.clock.advance(2000);
  assert.equal(t.all("tool.call").length, 1);
  const [, , asked, ...results] = seen[1]!;
  assert.ok(asked?.role === "assistant");
  const called = asked.toolCalls?.map(({ callId }) => callId);
  assert.equal(called?.length, 2);
  assert.deepEqual(results.flatMap((message) => message.role === "tool" ? [message.callId] : []), called);
  assert.equal(seen[1]!.at(-1)!.content, "stop");
});

Deno.test("conversation: a typed message supersedes the turn under way and reads the history", async () => {
  const seen: number[] = [];
  await using t = talk({ reply: (messages) => (seen.push(messages.length), text("Fine. And you?")) });
  t.conversation.message("how are you");
  await t.clock.advance(300);
  t.conversation.message("never mind");
  await t.clock.advance(3000);
  assert.deepEqual(t.all("turn.end").map((e) => e.reason), ["interrupted", "completed"]);
  assert.deepEqual(
    seen,
    [2, 4],
    "system and user; then also the first question and what was heard of the answer",
  );
});

Deno.test("conversation: say speaks without the language model and refuses unknown voices", async () => {
  await using t = talk();
  assert.throws(() => t.conversation.say("hi", "nobody"), /no voice "nobody"; there are fake, other/);
  t.conversation.say("Your timer is done.");
  await t.clock.advance(3000);
  assert.equal(t.all("llm.start").length, 0);
  assert.equal(t.all("playback.end")[0]!.spokenText, "Your timer is done.");
});

Deno.test("conversation: changed settings hold from the next answer and the next utterance on", async () => {
  const prompts: string[] = [];
  await using t = talk({
    reply: (messages) => (prompts.push(String(messages[0]!.content)), text("Fine.")),
  });
  const { settings } = t.conversation;
  t.conversation.configure({ ...settings, voice: "gone with its model" });
  t.conversation.message("one");
  await t.clock.advance(3000);
  const endpointing = { ...settings.endpointing, endpointMs: 3000 };
  t.conversation.configure({ ...settings, systemPrompt: "You are a pirate.", voice: "other", endpointing });
  t.conversation.restartHistory([{ role: "user", content: "before" }]);
  assert.deepEqual(t.conversation.prompt.map(({ content }) => content), ["You are a pirate.", "before"]);
  t.conversation.message("two");
  await t.clock.advance(3000);
  assert.deepEqual(prompts, ["You are a test.", "You are a pirate."]);
  assert.deepEqual(t.all("tts.start").map(({ voice }) => voice), ["fake", "other"]);
  t.conversation.startListening("continuous");
  await t.microphone.hear("voice", 500);
  await t.microphone.hear("silence", 2500);
  assert.equal(t.all("stt.result").length, 0, "two seconds of silence are no end any more");
  await t.microphone.hear("silence", 2000);
  assert.equal(t.all("stt.result").length, 1);
});

Deno.test("conversation: how loud the microphone is, is told while it listens", async () => {
  await using t = talk();
  await t.microphone.hear("silence", 500);
  assert.equal(t.all("voice.level").length, 0, "nobody listens");
  t.conversation.startListening("continuous");
  await t.microphone.hear("silence", 500);
  await t.microphone.hear("voice", 500);
  const levels = t.all("voice.level").flatMap((fact) => fact.levels);
  assert.ok(levels.length >= 27 && levels.length <= 32, `${levels.length}`);
  assert.ok(Math.max(...levels.slice(0, 12)) < Math.max(...levels.slice(-6)));
});

Deno.test("conversation: interrupt stops at once and says which turn it ended", async () => {
  await using t = talk({ reply: () => text("One two three four five six seven eight.") });
  assert.equal(t.conversation.interrupt(), undefined);
  const id = t.conversation.message("count");
  await t.clock.advance(400);
  assert.equal(t.conversation.interrupt(), id);
  await t.clock.advance(10);
  assert.deepEqual(t.all("turn.end").map((e) => e.reason), ["interrupted"]);
  assert.equal(t.loudspeaker.played.length, 1);
});

Deno.test("conversation: a model that fails ends its turn with an error and the next turn works", async () => {
  let fail = true;
  await using t = talk({
    reply: () => {
      if (fail) throw new Error("out of memory");
      return text("Better now.");
    },
  });
  t.conversation.message("hello");
  await t.clock.advance(100);
  fail = false;
  t.conversation.message("hello again");
  await t.clock.advance(3000);
  assert.deepEqual(t.all("stage.error").map((e) => [e.stage, e.code, e.message]), [
    ["llm", "MODEL_ERROR", "out of memory"],
  ]);
  assert.deepEqual(t.all("turn.end").map((e) => e.reason), ["error", "completed"]);
});

Deno.test("conversation: a voice that fails at the second sentence still speaks the first to its end", async () => {
  await using t = talk({
    reply: () => text("First one. Second one."),
    failSpeech: (sentence) => sentence.startsWith("Second") ? new Error("no voice") : undefined,
  });
  t.conversation.message("hello");
  await t.clock.advance(3000);
  assert.equal(t.all("playback.end")[0]!.spokenText, "First one.");
  assert.deepEqual(t.all("stage.error").map((e) => e.stage), ["tts"]);
  assert.deepEqual(t.all("turn.end").map((e) => e.reason), ["error"]);
});

Deno.test("conversation: its state goes from listening to thinking to speaking and back", async () => {
  await using t = talk();
  t.conversation.startListening("continuous");
  await t.microphone.hear("voice", 500);
  await t.microphone.hear("silence", 600);
  await t.clock.advance(3000);
  const states = t.all("status").map((status) => status.state);
  assert.deepEqual(states, ["idle", "listening", "thinking", "speaking", "listening"]);
});

Deno.test("conversation: muted, it hears nothing", async () => {
  await using t = talk();
  t.conversation.startListening("continuous");
  t.conversation.mute(true);
  await t.microphone.hear("voice", 800);
  await t.microphone.hear("silence", 600);
  assert.equal(t.all("turn.start").length, 0);
  assert.deepEqual(t.all("status").at(-1), { type: "status", state: "listening", muted: true });
});

Deno.test("conversation: aborted at any of its facts, a turn releases everything and ends exactly once", async () => {
  const scenario = async (abortAt: number) => {
    let count = 0;
    await using t = talk({
      hear: () => "count for me",
      reply: () => text("One two three. Four five six."),
      onFact: ({ fact }, talk) => {
        if (fact.type !== "turn.end" && count++ === abortAt) talk.conversation.interrupt();
      },
    });
    t.conversation.startListening("continuous");
    await t.microphone.hear("voice", 400);
    await t.microphone.hear("silence", 800);
    await t.clock.advance(4000);
    const ends = t.all("turn.end");
    const starts = t.all("turn.start");
    assert.equal(ends.length, starts.length, `abort at fact ${abortAt}: ${t.types()}`);
    assert.equal(t.conversation.state, "listening");
    const heard = t.all("playback.end")[0]?.spokenText;
    const remembered = t.conversation.history.find((entry) => entry.role === "assistant")?.content;
    assert.equal(remembered, heard || undefined);
    return count;
  };
  const facts = await scenario(Infinity);
  assert.ok(facts > 20);
  for (let index = 0; index < facts; index++) await scenario(index);
});
