/** When a spoken turn ends, and what is doubted of it. */
import assert from "node:assert/strict";
import type { PausedSpeech } from "../../pipeline/engines.ts";
import { text } from "../support/fake_engines.ts";
import { talk } from "../support/talk.ts";

Deno.test("conversation: what sounds complete is answered in the pause, long before silence alone would say so", async () => {
  const heardMs: number[] = [];
  await using t = talk({ complete: ({ audio }) => (heardMs.push(audio.length / 16), 0.9) });
  t.conversation.startListening("continuous");
  await t.microphone.hear("silence", 500);
  await t.microphone.hear("voice", 1000);
  await t.microphone.hear("silence", 256); // Silence alone would take 400 ms.
  assert.equal(t.all("stt.result").length, 1);
  assert.equal(heardMs.length, 1);
  assert.ok(
    heardMs[0]! >= 1160 && heardMs[0]! < 1700,
    `${heardMs[0]} ms: the voice and the pause, and a little before`,
  );
});

Deno.test("conversation: what sounds unfinished has more time; going on counts as one utterance", async () => {
  let asked = 0;
  await using t = talk({ complete: () => (asked++, 0.1) });
  t.conversation.startListening("continuous");
  await t.microphone.hear("silence", 500);
  await t.microphone.hear("voice", 500);
  await t.microphone.hear("silence", 900); // Silence alone would have ended it.
  assert.equal(t.all("stt.result").length, 0);
  await t.microphone.hear("voice", 500);
  await t.microphone.hear("silence", 1100);
  assert.equal(t.all("stt.result").length, 0);
  await t.microphone.hear("silence", 300);
  assert.equal(t.all("stt.result").length, 1, "nobody waits for ever");
  assert.equal(asked, 2);
});

Deno.test("conversation: without an opinion, or with a detector that fails, silence decides", async () => {
  for (
    const complete of [() => undefined, () => {
      throw new Error("broken");
    }]
  ) {
    await using t = talk({ complete });
    t.conversation.startListening("continuous");
    await t.microphone.hear("silence", 500);
    await t.microphone.hear("voice", 500);
    await t.microphone.hear("silence", 320);
    assert.equal(t.all("stt.result").length, 0);
    await t.microphone.hear("silence", 128);
    assert.equal(t.all("stt.result").length, 1);
    assert.deepEqual(t.all("error"), []);
  }
});

Deno.test("conversation: whoever holds a button ends the turn by letting go, whatever it sounds like", async () => {
  let asked = 0;
  await using t = talk({ complete: () => (asked++, 1) });
  t.conversation.startListening("push_to_talk");
  await t.microphone.hear("voice", 500);
  await t.microphone.hear("silence", 600);
  await t.microphone.hear("voice", 300);
  assert.deepEqual([t.all("stt.result").length, asked], [0, 0]);
  t.conversation.stopListening();
  await t.microphone.hear("silence", 64);
  assert.equal(t.all("stt.result").length, 1);
});

Deno.test("conversation: what the recogniser doubts is asked for again, and not acted upon", async () => {
  let asked = 0;
  await using t = talk({
    hear: () => "set eight time or ten",
    doubts: () => true,
    reply: () => (asked++, text("Well.")),
  });
  const speak = async () => {
    t.conversation.startListening("push_to_talk");
    await t.microphone.hear("voice", 500);
    t.conversation.stopListening();
    await t.clock.advance(4000);
  };
  t.conversation.configure({ ...t.conversation.settings, sorry: "Sorry?" });
  await speak();
  assert.deepEqual(t.all("playback.end").map(({ spokenText }) => spokenText), ["Sorry?"]);
  assert.deepEqual(t.conversation.history, [
    { role: "user", content: "set eight time or ten" },
    { role: "assistant", content: "Sorry?" },
  ]);
  assert.equal(t.all("turn.end").at(-1)?.reason, "completed");
  assert.equal(t.all("llm.start").length, 0);
  const { sorry: _, ...unsorry } = t.conversation.settings;
  t.conversation.configure(unsorry);
  await speak();
  assert.deepEqual([t.all("playback.end").at(-1)?.spokenText, asked > 0], ["Well.", true], "as it was set");
});

/** Judges as a detector that reads words would: without "minutes" more is to come. */
const byWords = (asked: (string | undefined)[]) => ({
  readsWords: true,
  complete: ({ text }: PausedSpeech) => (asked.push(text), text?.endsWith("minutes") ? 0.9 : 0.1),
});

Deno.test("conversation: words keep the turn open in mid-sentence, and end it as soon as they are all there", async () => {
  const asked: (string | undefined)[] = [];
  await using t = talk({
    ...byWords(asked),
    hear: (audioMs) => audioMs < 2000 ? "set a timer for" : "set a timer for ten minutes",
  });
  t.conversation.startListening("continuous");
  await t.microphone.hear("silence", 500);
  await t.microphone.hear("voice", 600);
  await t.microphone.hear("silence", 700); // Silence alone would have ended it after 400 ms.
  assert.equal(t.all("stt.result").length, 0);
  await t.microphone.hear("voice", 600);
  await t.microphone.hear("silence", 256);
  assert.deepEqual(t.all("stt.result").map(({ text }) => text), ["set a timer for ten minutes"]);
  assert.deepEqual(asked, ["set a timer for", "set a timer for ten minutes"], "once for the same words");
  assert.deepEqual(t.all("turn.progress").map(({ completion }) => completion), [0.1, 0.9]);
});

Deno.test("conversation: words that come late in the pause change what is thought of it", async () => {
  const asked: (string | undefined)[] = [];
  await using t = talk({
    ...byWords(asked),
    hear: (audioMs) => audioMs < 1500 ? "set a timer for ten" : "set a timer for ten minutes",
  });
  t.conversation.startListening("continuous");
  await t.microphone.hear("silence", 500);
  await t.microphone.hear("voice", 600);
  await t.microphone.hear("silence", 900);
  assert.deepEqual(asked, ["set a timer for ten", "set a timer for ten minutes"]);
  assert.equal(t.all("stt.result").length, 1, "not only after the 1200 ms of what is unfinished");
});

Deno.test("conversation: a transcript that lacks what was said last is not judged", async () => {
  const asked: (string | undefined)[] = [];
  // A recogniser that falls behind: it has heard nothing of the second half.
  await using t = talk({ ...byWords(asked), hear: () => "set a timer for ten minutes", behindMs: 10_000 });
  t.conversation.startListening("continuous");
  await t.microphone.hear("silence", 500);
  await t.microphone.hear("voice", 600);
  await t.microphone.hear("silence", 320);
  assert.deepEqual([asked.length, t.all("stt.result").length], [0, 0]);
  await t.microphone.hear("silence", 128);
  assert.deepEqual([asked.length, t.all("stt.result").length], [0, 1], "silence decides");
});
