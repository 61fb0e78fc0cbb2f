import assert from "node:assert/strict";
import { afterSpace, wordsOf } from "../../../../models/engines/stt/spoken_words.ts";

Deno.test("spoken words: each has its space and its marks, and joined they are the text", () => {
  assert.deepEqual(wordsOf(" Well, it's  10:30.\n"), [" Well,", " it's", "  10:30."]);
  assert.deepEqual(wordsOf(""), []);
  assert.deepEqual(wordsOf("  "), []);
});

Deno.test("spoken words: scripts without spaces have words too", () => {
  const text = "今天天气很好。我们去公园吧!";
  const words = wordsOf(text);
  assert.equal(words.join(""), text);
  assert.ok(words.length >= 5, words.join(" "));
  assert.ok(words.every((word) => /\p{L}/u.test(word)), `marks stand by words: ${words.join(" ")}`);
  assert.equal(wordsOf(" 「東京」 and 「大阪」").join(""), " 「東京」 and 「大阪」");
});

Deno.test("spoken words: text that follows other text is set apart where its script does so", () => {
  assert.deepEqual(["what", " what ", "今天", ""].map(afterSpace), [" what", " what", "今天", ""]);
});
