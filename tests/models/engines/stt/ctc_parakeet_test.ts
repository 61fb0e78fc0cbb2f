import assert from "node:assert/strict";
import { vocabularyOf } from "../../../../models/engines/stt/ctc.ts";
import { recording } from "../../../support/recordings.ts";
import { finalOf, heardByPipeline, KNOWN, loadSmall } from "./heard_speech.ts";

const texts = Object.values(KNOWN);
const sounds = await Promise.all(Object.keys(KNOWN).map(recording));
const heard = await heardByPipeline("parakeet", sounds);

Deno.test("ctc: Parakeet is understood, whose words begin with a mark and whose blank comes last", async () => {
  assert.deepEqual(heard, texts);
  await using stt = await loadSmall("ctc", "parakeet", { min_confidence: 0, quiet_edges: false });
  for (const [index, samples] of sounds.entries()) {
    const { text, words, audioMs } = await finalOf(stt, samples);
    assert.equal(text, heard[index]);
    assert.equal(words!.map(({ word }) => word).join(" "), text);
    assert.ok(words!.every(({ startMs, endMs }) => startMs >= 0 && startMs < endMs && endMs <= audioMs));
  }
  assert.equal((await finalOf(stt, await recording("speech/pink_noise.wav"))).text, "");
});

Deno.test("ctc: a vocabulary says what its words begin or end with, and what stands for nothing", () => {
  const vocabulary = { "<unk>": 0, "\u2581what": 1, "s": 2 };
  const config = {};
  assert.deepEqual(vocabularyOf({ get_vocab: () => vocabulary, pad_token_id: 3, config }), {
    tokens: ["", "\u2581what", "s"],
    blankId: 3,
    wordDelimiter: "\u2581",
  });
  assert.equal(vocabularyOf({ get_vocab: () => vocabulary, config }).blankId, 3, "the one after all others");
  const letters = new Map([["<pad>", 0], ["|", 1], ["a", 2]]);
  assert.deepEqual(vocabularyOf({ get_vocab: () => letters, pad_token_id: 0, config }), {
    tokens: ["", "|", "a"],
    blankId: 0,
    wordDelimiter: "|",
  });
});
