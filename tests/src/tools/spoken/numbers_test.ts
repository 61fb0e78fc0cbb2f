import assert from "node:assert/strict";
import { readNumber, spellNumber } from "../../../../src/tools/spoken/numbers.ts";
import { Words } from "../../../../src/tools/spoken/words.ts";

/** How a whole number is said; "and" comes and goes, as in speech. */
function say(value: number): string {
  if (value < 100) return spellNumber(value);
  const [scale, name] = value < 1000
    ? [100, "hundred"]
    : value < 1e6
    ? [1000, "thousand"]
    : value < 1e9
    ? [1e6, "million"]
    : [1e9, "billion"];
  const rest = value % scale;
  const and = value % 2 === 1 ? "and " : "";
  return `${say(Math.floor(value / scale))} ${name}${rest ? ` ${and}${say(rest)}` : ""}`;
}

function read(text: string): number | undefined {
  const words = new Words(text);
  const value = readNumber(words);
  return words.ended ? value?.toNumber() : undefined;
}

Deno.test("numbers: whole numbers to the billions read as what they say", () => {
  for (let value = 0; value < 10_000; value += 7) assert.equal(read(say(value)), value, say(value));
  for (let value = 9973; value < 9e9; value = Math.floor(value * 1.037) + 11) {
    assert.equal(read(say(value)), value, say(value));
  }
});

Deno.test("numbers: decimals, fractions and digits", () => {
  const cases: Record<string, number> = {
    "a hundred and five": 105,
    "twelve hundred": 1200,
    "three point five": 3.5,
    "three point one four": 3.14,
    "zero point oh five": 0.05,
    "two point five million": 2_500_000,
    "half": 0.5,
    "a quarter": 0.25,
    "three quarters": 0.75,
    "two and a half": 2.5,
    "one and three quarters": 1.75,
    "twenty-five": 25,
    "1,234.5": 1234.5,
    "3 million": 3_000_000,
    "12": 12,
  };
  for (const [text, value] of Object.entries(cases)) assert.equal(read(text), value, text);
});

Deno.test("numbers: what is not one number is not read as one", () => {
  for (
    const text of [
      "",
      "a",
      "and",
      "ninteen",
      "one two three",
      "nineteen ninety",
      "seven eighty",
      "thirty twelve",
      "three thousand thousand",
      "five hundred and",
      "three point",
      "ten half",
      "1,23",
    ]
  ) {
    assert.equal(read(text), undefined, text);
  }
});

Deno.test("numbers: reading stops before what does not belong", () => {
  const words = new Words("nine thousand one hundred and four minus two");
  assert.equal(readNumber(words)?.toNumber(), 9104);
  assert.equal(words.peek(), "minus");
});
