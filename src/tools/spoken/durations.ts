/** Durations as people say them. */
import { Decimal } from "decimal.js";
import { ParleyError } from "../../../pipeline/errors.ts";
import { readAndFraction, readNumber, spellNumber } from "./numbers.ts";
import { Words } from "./words.ts";

/** Longest first: a duration names each at most once, in this order. */
const UNITS = [
  { ms: 86_400_000, names: ["days", "day", "d"] },
  { ms: 3_600_000, names: ["hours", "hour", "hrs", "hr", "h"] },
  { ms: 60_000, names: ["minutes", "minute", "mins", "min", "m"] },
  { ms: 1000, names: ["seconds", "second", "secs", "sec", "s"] },
] as const;

/**
 * "ten minutes", "an hour and a half", "two minutes and thirty seconds", "half an hour", "90 s" in
 * milliseconds. Throws `VALIDATION_ERROR` for anything else.
 */
export function parseDuration(text: string): number {
  const words = new Words(text);
  let total = new Decimal(0);
  let last = -1;
  do {
    const part = readPart(words);
    if (!part || part.rank <= last) {
      throw new ParleyError(
        "VALIDATION_ERROR",
        `"${text}" is not a duration; say for example "ten minutes".`,
      );
    }
    total = total.plus(part.ms);
    last = part.rank;
  } while (words.acceptAny(["and", ","]) || !words.ended);
  return Math.round(total.toNumber());
}

/** A duration, rounded to seconds, as an adjective: "ten minute", "one hour and thirty minute", "ninety second". */
export function durationAdjective(ms: number): string {
  const seconds = Math.round(ms / 1000);
  if (seconds < 100 && seconds % 60 !== 0) return `${spellNumber(seconds)} second`;
  return [
    ["hour", Math.floor(seconds / 3600)] as const,
    ["minute", Math.floor(seconds / 60) % 60] as const,
    ["second", seconds % 60] as const,
  ].filter(([, count]) => count > 0).map(([unit, count]) => `${spellNumber(count)} ${unit}`).join(" and ");
}

interface Part {
  readonly rank: number;
  readonly ms: Decimal;
}

function readPart(words: Words): Part | undefined {
  const count = readCount(words);
  const rank = UNITS.findIndex(({ names }) => words.acceptAny(names));
  const unit = UNITS[rank];
  if (!count || !unit) return undefined;
  return { rank, ms: count.plus(readAndFraction(words) ?? 0).times(unit.ms) };
}

/** "ten", "a", "half an", "three quarters of an". */
function readCount(words: Words): Decimal | undefined {
  const count = readNumber(words);
  if (!count) return words.acceptAny(["a", "an"]) ? new Decimal(1) : undefined;
  words.accept("of");
  words.acceptAny(["a", "an"]);
  return count;
}
