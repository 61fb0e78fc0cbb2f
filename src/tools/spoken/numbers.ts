/**
 * Numbers as people say them. Own code, since the libraries misread one in five of the numbers below a hundred
 * million that the starter model can be asked for ("one million two hundred eighteen thousand").
 */
import { Decimal } from "decimal.js";
import type { Words } from "./words.ts";

const UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
sixteen seventeen eighteen nineteen".split(" ");
const TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const SCALES = [["billion", 1e9], ["million", 1e6], ["thousand", 1e3], ["", 1]] as const;
const FRACTIONS: Readonly<Record<string, Decimal>> = {
  half: new Decimal(0.5),
  third: new Decimal(1).div(3),
  thirds: new Decimal(1).div(3),
  quarter: new Decimal(0.25),
  quarters: new Decimal(0.25),
};

/**
 * Reads the number that comes next: digits ("3.5"), words to the billions ("a hundred and five", "three point
 * five") and fractions ("half", "three quarters", "two and a half"). Undefined, with nothing read, where none does.
 */
export function readNumber(words: Words): Decimal | undefined {
  return words.attempt(() => {
    const whole = readDigits(words) ?? readWhole(words);
    if (whole === undefined) return readFraction(words);
    if (words.accept("point")) return readDecimals(words, whole);
    return readPart(words, whole) ?? whole.plus(readAndFraction(words) ?? 0);
  });
}

/** Reads "and a half", "and three quarters" and the like. */
export function readAndFraction(words: Words): Decimal | undefined {
  return words.attempt(() => {
    if (!words.accept("and")) return undefined;
    const count = readSmall(words);
    return count === undefined ? readFraction(words) : readPart(words, new Decimal(count));
  });
}

/** A whole number below a hundred in words. */
export function spellNumber(value: number): string {
  if (value < 20) return UNITS[value] ?? String(value);
  const tens = TENS[Math.floor(value / 10)];
  if (!tens) return String(value);
  return value % 10 ? `${tens} ${UNITS[value % 10]}` : tens;
}

function readFraction(words: Words): Decimal | undefined {
  return words.attempt(() => {
    words.accept("a");
    return readPart(words, new Decimal(1));
  });
}

/** What comes after "one" or "three": "half", "quarters". There are no two halves in speech. */
function readPart(words: Words, count: Decimal): Decimal | undefined {
  return words.attempt(() => {
    const name = words.take();
    return name === "half" && !count.eq(1) ? undefined : FRACTIONS[name]?.times(count);
  });
}

function readDigits(words: Words): Decimal | undefined {
  if (!/^[\d.]*\d$/.test(words.peek())) return undefined;
  return scaled(words, new Decimal(words.take()));
}

/** "3 million", "two point five million". */
function scaled(words: Words, value: Decimal): Decimal {
  const scale = words.acceptAny(["hundred", "thousand", "million", "billion"]);
  return value.times(scale === "hundred" ? 100 : SCALES.find(([name]) => name === scale)?.[1] ?? 1);
}

function readDecimals(words: Words, whole: Decimal): Decimal | undefined {
  let digits = "";
  for (let digit = readDecimal(words); digit !== undefined; digit = readDecimal(words)) digits += digit;
  return digits ? scaled(words, new Decimal(`${whole.toFixed()}.${digits}`)) : undefined;
}

function readDecimal(words: Words): string | undefined {
  if (words.acceptAny(["oh", "o"])) return "0";
  if (/^\d+$/.test(words.peek())) return words.take();
  return readSmall(words)?.toString();
}

/** Descending groups of hundreds: "two million", "three hundred thousand", "and five". */
function readWhole(words: Words): Decimal | undefined {
  let total = 0;
  let found = false;
  for (const [scale, factor] of SCALES) {
    const group = words.attempt(() => {
      if (found) words.accept("and");
      const value = readHundreds(words, !found);
      return value !== undefined && (scale === "" || words.accept(scale)) ? value : undefined;
    });
    if (group === undefined) continue;
    total += group * factor;
    found = true;
  }
  return found ? new Decimal(total) : undefined;
}

/** Up to "ninety nine hundred and ninety nine". "A" counts as one only before a scale, at the very start. */
function readHundreds(words: Words, first: boolean): number | undefined {
  const one = first && ["hundred", "thousand", "million", "billion"].includes(words.peek(1));
  const start = one && words.accept("a") ? 1 : readSmall(words);
  if (start === undefined || !words.accept("hundred")) return start;
  const rest = words.attempt(() => {
    words.accept("and");
    return readSmall(words);
  });
  return start * 100 + (rest ?? 0);
}

/** Zero to ninety-nine. */
function readSmall(words: Words): number | undefined {
  const unit = UNITS.indexOf(words.peek());
  if (unit >= 0) {
    words.take();
    return unit;
  }
  const tens = TENS.indexOf(words.peek());
  if (tens < 2) return undefined;
  words.take();
  const rest = UNITS.indexOf(words.peek());
  if (rest < 1 || rest > 9) return tens * 10;
  words.take();
  return tens * 10 + rest;
}
