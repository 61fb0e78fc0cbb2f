import assert from "node:assert/strict";
import { leadingLength, LocalAgreement } from "../../../../models/engines/stt/local_agreement.ts";

const words = (text: string) => (text.match(/\s*\S+/g) ?? []).map((text) => ({ text }));
const text = (words: readonly { text: string }[]) => words.map(({ text }) => text).join("");

/** What is told after each reading, what is agreed on before a bar. */
function told(...readings: string[]): string[] {
  const agreement = new LocalAgreement();
  return readings.map((reading) => {
    const all = text(agreement.read(words(reading)));
    const agreed = text(agreement.agreed);
    assert.ok(all.startsWith(agreed));
    return `${agreed}|${all.slice(agreed.length)}`;
  });
}

Deno.test("local agreement: what two readings in a row have in common is agreed on, but for the newest word", () => {
  assert.deepEqual(told("so", "so it", "so it is", "so it is done", "so it is done"), [
    "|so",
    "so| it",
    "so it| is",
    "so it is| done",
    "so it is| done",
  ]);
});

Deno.test("local agreement: a model that changes its mind is followed where nothing was agreed on", () => {
  assert.deepEqual(told("a bee", "a bead on", "the beat goes on", "the beat goes on and on"), [
    "|a bee",
    "a| bead on",
    "a| beat goes on",
    "a beat goes on| and on",
  ]);
});

Deno.test("local agreement: agreed words stay when they are read in other numbers", () => {
  assert.deepEqual(
    told("at ten past five now", "at ten past five now we", "at 10 past five now we go home"),
    [
      "|at ten past five now",
      "at ten past five now| we",
      "at ten past five now we| go home",
    ],
  );
  const fewer = told("it is a six teen ton", "it is a six teen ton", "it is a sixteen ton weight to");
  assert.deepEqual(fewer.at(-1), "it is a six teen ton| weight to");
  const none = told("hello there you", "hello there you", "");
  assert.equal(none.at(-1), "hello there|");
});

Deno.test("local agreement: capitals and marks are told as read, and do not hinder finding the place", () => {
  assert.deepEqual(told("Well. I", "Well, I am", "well I am here", "well I am here now"), [
    "|Well. I",
    "|Well, I am",
    "|well I am here",
    "well I am here| now",
  ]);
});

Deno.test("local agreement: what is left keeps what was agreed on, and the rest begins with the rest of that", () => {
  const agreement = new LocalAgreement();
  for (const _ of "12") agreement.read(words("one two three. Four five six"));
  assert.equal(text(agreement.agreed), "one two three. Four five");
  assert.equal(text(agreement.leave(words("one too three."))), "one two three.");
  assert.equal(text(agreement.agreed), " Four five");
  assert.equal(text(agreement.read(words(" Four fife six seven"))), " Four five six seven");
});

Deno.test("local agreement: what nobody agreed on yet is left as the last reading has it", () => {
  const agreement = new LocalAgreement();
  agreement.read(words("one two three four"));
  agreement.read(words("one two three or"));
  assert.equal(text(agreement.leave(words("one 2 three for all"))), "one two three for all");
  assert.deepEqual(agreement.agreed, []);
  assert.equal(text(agreement.read(words("then"))), "then", "and is not taken for agreed with the next");
});

Deno.test("local agreement: where the words end is where the fewest differ", () => {
  const length = (known: string, given: string) => leadingLength(words(known), words(given));
  assert.equal(length("", "a b"), 0);
  assert.equal(length("a b", ""), 0);
  assert.equal(length("a b", "a b a b"), 2);
  assert.equal(length("one two three", "two three four"), 2, "the first word is missing");
  assert.equal(length("one two three", "oh one two three four"), 4, "a word came before");
  assert.equal(length("a b c", "x y z w"), 3, "all is other");
  assert.equal(length("six teen", "sixteen tons"), 1, "two words have become one");
  assert.equal(length("go to", "go today is"), 2, "the last word was not over");
  assert.equal(length("for ten", "for 10 minutes"), 2);
  assert.equal(length("est-il ?", "est-il ? Il"), 2, "a mark stands alone");
});
