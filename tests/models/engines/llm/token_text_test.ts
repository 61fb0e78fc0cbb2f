import assert from "node:assert/strict";
import { TokenText } from "../../../../models/engines/llm/token_text.ts";

/** A tokenizer in which each byte is a token, as the rarest characters are in every byte-level one. */
const bytes = (ids: readonly bigint[]) => new TextDecoder().decode(Uint8Array.from(ids, Number));

Deno.test("token text: a character comes whole, with its last byte", () => {
  const text = new TokenText(bytes);
  const deltas = [...new TextEncoder().encode("né👍!")].map((byte) => text.push(BigInt(byte)));
  assert.deepEqual(deltas, ["n", "", "é", "", "", "", "👍", "!"]);
});

Deno.test("token text: however long, everything comes once and the cost of a token stays the same", () => {
  const sentence = "Ünïcödé 👩‍👩‍👧 ".repeat(50);
  let longest = 0;
  const text = new TokenText((ids) => {
    longest = Math.max(longest, ids.length);
    return bytes(ids);
  });
  const deltas = [...new TextEncoder().encode(sentence)].map((byte) => text.push(BigInt(byte)));
  assert.equal(deltas.join(""), sentence);
  assert.ok(longest < 50, `decoded ${longest} tokens at once`);
});

Deno.test("token text: a space that a tokenizer leaves out at the beginning is kept in the middle", () => {
  const words = ["▁Hello", "▁there", ",", "▁you"];
  const text = new TokenText((ids) =>
    ids.map((id) => words[Number(id) % 4]).join("").replaceAll("▁", " ").trimStart()
  );
  const deltas = Array.from({ length: 80 }, (_, i) => text.push(BigInt(i)));
  assert.equal(deltas.join(""), "Hello there, you".concat(" Hello there, you".repeat(19)));
});

Deno.test("token text: bytes that are no character do not hold up what follows", () => {
  const text = new TokenText(bytes);
  assert.equal(text.push(0xffn), "");
  assert.equal(text.push(0x41n), "\uFFFDA");
});
