import assert from "node:assert/strict";
import { ParleyError } from "../../../../pipeline/errors.ts";
import { evaluateSpoken, sayNumber } from "../../../../src/tools/spoken/arithmetic.ts";

const answer = (expression: string) => sayNumber(evaluateSpoken(expression));

Deno.test("arithmetic: spoken sums", () => {
  const cases: Record<string, string> = {
    "twelve times four": "48",
    "zero point one plus zero point two": "0.3",
    "nine thousand one hundred and four minus two thousand seven": "7097",
    "six multiplied by seven": "42",
    "ten divided by four": "2.5",
    "nine over three": "3",
    "fifteen percent of two hundred": "30",
    "two point five per cent of eighty": "2",
    "the square root of one thousand twenty four": "32",
    "fifty five squared": "3025",
    "two cubed": "8",
    "two to the power of ten": "1024",
    "two to the power of minus two": "0.25",
    "half of nine hundred": "450",
    "a third of nine": "3",
    "three quarters of eighty": "60",
    "two and a half times four": "10",
    "minus seven plus three": "-4",
    "negative seven times minus two": "14",
    "what is five plus five?": "10",
    "calculate six over four please": "1.5",
  };
  for (const [expression, value] of Object.entries(cases)) {
    assert.equal(answer(expression), value, expression);
  }
});

Deno.test("arithmetic: operators bind as in written arithmetic", () => {
  assert.equal(answer("two plus three times four"), "14");
  assert.equal(answer("twenty minus five minus three"), "12");
  assert.equal(answer("the square root of sixteen plus nine"), "13");
  assert.equal(answer("minus two squared"), "-4");
  assert.equal(answer("2 ^ 3 ^ 2"), "512");
});

Deno.test("arithmetic: what models write", () => {
  const cases = {
    "2*(3+4)": "14",
    "15% of 200": "30",
    "1,000 + 2": "1002",
    "√2": "1.41",
    "7 − 9": "-2",
    "8÷2": "4",
  };
  for (const [expression, value] of Object.entries(cases)) {
    assert.equal(answer(expression), value, expression);
  }
});

Deno.test("arithmetic: results are said with two decimals, or two digits where they are tiny", () => {
  assert.equal(answer("ten divided by three"), "3.33");
  assert.equal(answer("one divided by eight hundred"), "0.0013");
  assert.equal(answer("zero times minus five"), "0");
  assert.equal(answer("one million times one million"), "1000000000000");
});

Deno.test("arithmetic: a slip, a missing operand or an impossible sum is an error with a sentence", () => {
  const cases: Record<string, RegExp> = {
    "": /nothing to calculate/,
    "what is": /nothing to calculate/,
    "twelve tims four": /"tims"/,
    "one two plus three": /"two"/,
    "nineteen ninety": /"ninety"/,
    "five plus": /where it ends/,
    "plus five": /"plus"/,
    "200 plus ten percent": /percentage/,
    "five over zero": /divided by zero/,
    "zero to the power of minus one": /divided by zero/,
    "the square root of minus four": /square root/,
    "(minus eight) to the power of a half": /no real value/,
    "nine million to the power of nine million": /too large/,
    "9^9^9^9": /too large/,
    "((2 + 3)": /bracket/,
    "globalThis": /"globalthis"/,
    "process.exit(1)": /"process"/,
  };
  for (const [expression, message] of Object.entries(cases)) {
    assert.throws(
      () => evaluateSpoken(expression),
      (error) =>
        error instanceof ParleyError && error.code === "VALIDATION_ERROR" && message.test(error.message),
      expression,
    );
  }
});
