/** Sums as people say them, or as models write them, worked out exactly in decimals. */
import { Decimal } from "decimal.js";
import { ParleyError } from "../../../pipeline/errors.ts";
import { readNumber } from "./numbers.ts";
import { Words } from "./words.ts";

/** Digits enough for every number that can be said, and guard digits for roots. */
const Exact = Decimal.clone({ precision: 40 });

/** Beyond this nobody wants to hear the digits. */
const LARGEST = new Exact(1e15);

const NEGATIVE = ["minus", "negative", "-"];
const LEAD_INS = ["what is", "what's", "how much is", "calculate"];
const ADDITION: Operators = { plus: "plus", "+": "plus", minus: "minus", "-": "minus" };
const MULTIPLICATION: Operators = {
  times: "times",
  "multiplied by": "times",
  "*": "times",
  "×": "times",
  x: "times",
  of: "times",
  "divided by": "divided by",
  over: "divided by",
  "/": "divided by",
  "÷": "divided by",
};
// Words leaves out "the".
const POWER = ["to power of", "to power", "^"];
const ROOT = ["square root of", "square root", "root of", "√"];

type Operation = "plus" | "minus" | "times" | "divided by";
type Operators = Readonly<Record<string, Operation>>;

/**
 * The value of an expression: "twelve times four", "fifteen percent of two hundred", "2 * (3 + 4)". Operators
 * bind as in written arithmetic. Throws `VALIDATION_ERROR` where it cannot be read or has no value.
 */
export function evaluateSpoken(expression: string): Decimal {
  const words = new Words(expression);
  words.acceptAny(LEAD_INS);
  if (words.ended) throw new ParleyError("VALIDATION_ERROR", "There is nothing to calculate.");
  const value = readSum(words);
  if (!words.ended) {
    throw new ParleyError("VALIDATION_ERROR", `I cannot calculate with "${words.peek()}" in that place.`);
  }
  return value;
}

/**
 * A value as it is said: two decimals, or two significant digits where there is nothing before them ("0.0012").
 */
export function sayNumber(value: Decimal): string {
  const rounded = value.abs().lt(0.1) ? value.toSignificantDigits(2) : value.toDecimalPlaces(2);
  return rounded.isZero() ? "0" : rounded.toFixed();
}

function readSum(words: Words): Decimal {
  return readChain(words, ADDITION, readProduct);
}

function readProduct(words: Words): Decimal {
  return readChain(words, MULTIPLICATION, readSigned);
}

/** Operands of equal rank, worked out from left to right. */
function readChain(words: Words, operators: Operators, readOperand: (words: Words) => Decimal): Decimal {
  let value = readOperand(words);
  for (
    let said = words.acceptAny(Object.keys(operators));
    said;
    said = words.acceptAny(Object.keys(operators))
  ) {
    value = calculate(value, operators[said]!, readOperand(words));
  }
  return value;
}

/** A sign binds less than a power: minus two squared is minus four. */
function readSigned(words: Words): Decimal {
  if (words.acceptAny(NEGATIVE)) return readSigned(words).neg();
  return readPower(words);
}

function readPower(words: Words): Decimal {
  let base = readRoot(words);
  while (true) {
    if (words.accept("squared")) base = power(base, new Exact(2));
    else if (words.accept("cubed")) base = power(base, new Exact(3));
    else if (words.acceptAny(POWER)) return power(base, readSigned(words));
    else return base;
  }
}

function readRoot(words: Words): Decimal {
  if (!words.acceptAny(ROOT)) return readOperand(words);
  const value = words.acceptAny(NEGATIVE) ? readRoot(words).neg() : readRoot(words);
  if (value.isNegative()) {
    throw new ParleyError("VALIDATION_ERROR", "A negative number has no real square root.");
  }
  return value.sqrt();
}

function readOperand(words: Words): Decimal {
  if (words.accept("(")) {
    const value = readSum(words);
    if (words.accept(")")) return value;
    throw new ParleyError("VALIDATION_ERROR", "A bracket is not closed.");
  }
  const value = readNumber(words);
  if (!value) {
    const found = words.ended ? "it ends" : `there is "${words.peek()}"`;
    throw new ParleyError("VALIDATION_ERROR", `I expected a number where ${found}.`);
  }
  if (!words.acceptAny(["percent", "per cent", "%"])) return new Exact(value);
  if (words.peek() === "of") return new Exact(value).div(100);
  throw new ParleyError("VALIDATION_ERROR", "Say what the percentage is of.");
}

function calculate(left: Decimal, operation: Operation, right: Decimal): Decimal {
  switch (operation) {
    case "plus":
      return speakable(left.plus(right));
    case "minus":
      return speakable(left.minus(right));
    case "times":
      return speakable(left.times(right));
    case "divided by":
      if (right.isZero()) throw new ParleyError("VALIDATION_ERROR", "Nothing can be divided by zero.");
      return speakable(left.div(right));
  }
}

function power(base: Decimal, exponent: Decimal): Decimal {
  if (base.isZero() && exponent.isNegative()) {
    throw new ParleyError("VALIDATION_ERROR", "Nothing can be divided by zero.");
  }
  return speakable(base.pow(exponent));
}

function speakable(value: Decimal): Decimal {
  if (value.isNaN()) throw new ParleyError("VALIDATION_ERROR", "That has no real value.");
  if (value.abs().lte(LARGEST)) return value;
  throw new ParleyError("VALIDATION_ERROR", "The result is too large to say.");
}
