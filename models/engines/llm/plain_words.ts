/** From writing to what a recogniser would have heard: for models that learned from nothing but words. */

const ONES =
  ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen " +
    "seventeen eighteen nineteen").split(" ");
const TENS = "zero ten twenty thirty forty fifty sixty seventy eighty ninety".split(" ");
const ORDINALS: Readonly<Record<string, string>> = {
  one: "first",
  two: "second",
  three: "third",
  five: "fifth",
  eight: "eighth",
  nine: "ninth",
  twelve: "twelfth",
};
/** A longer number is read digit by digit, like one that begins with a zero. */
const LONGEST_NUMBER = 9;

const HOUR_IN_THE_MORNING = new RegExp(`\\b(${[...ONES, ...TENS, "o'clock"].join("|")}) am\\b(?! i\\b)`, "g");

/** What is replaced, in this order, before what is left of marks goes. */
const WRITTEN: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
  [/[‘’‛′]/g, () => "'"],
  [/(\d),(?=\d{3}\b)/g, (_, digit) => digit!],
  [/(\d)\s*([ap])\.?m\b\.?/g, (_, digit, half) => `${digit} ${half} m`],
  [/\b(\d{1,2}):(\d{2})\b/g, (_, hour, minute) => clock(Number(hour), Number(minute))],
  // Without its dots and behind no number "am" is what everybody is.
  [/\b([ap])\.m\b\.?/g, (_, half) => `${half} m`],
  [HOUR_IN_THE_MORNING, (_, hour) => `${hour} a m`],
  [/\bpm\b/g, () => "p m"],
  [/\b(\d+)(?:st|nd|rd|th)\b/g, (_, digits) => ordinal(Number(digits))],
  [/([$€£])\s?(\d+(?:\.\d+)?)/g, (_, sign, amount) => `${amount} ${CURRENCIES[sign!]}`],
  [/(\d)\s*[*×x]\s*(?=\d)/g, (_, digit) => `${digit} times `],
  [/(\d)\s*[/÷]\s*(?=\d)/g, (_, digit) => `${digit} divided by `],
  [/(\d)\s*\+\s*(?=\d)/g, (_, digit) => `${digit} plus `],
  [/(\d)\s*[-–−]\s*(?=\d)/g, (_, digit) => `${digit} minus `],
  [/%/g, () => " percent "],
  [
    /°\s?([cf])?\b/g,
    (_, scale) => ` degrees ${scale === "c" ? "celsius" : scale === "f" ? "fahrenheit" : ""} `,
  ],
  [/&/g, () => " and "],
  [/(\d+)\.(\d+)/g, (_, whole, part) => `${spell(whole!)} point ${digitByDigit(part!)}`],
  [/\d+/g, (digits) => ` ${spell(digits!)} `],
];
const CURRENCIES: Readonly<Record<string, string>> = { "$": "dollars", "€": "euros", "£": "pounds" };

/** `text` in small letters, apostrophes and spaces alone: "Set 2 timers!" is "set two timers". */
export function plainWords(text: string): string {
  let words = text.toLowerCase();
  for (const [pattern, spoken] of WRITTEN) words = words.replaceAll(pattern, spoken);
  return words.replaceAll(/[^\p{L}' ]+/gu, " ").replaceAll(/ +/g, " ").trim();
}

function clock(hour: number, minute: number): string {
  if (minute === 0) return `${number(hour)} o'clock`;
  return `${number(hour)} ${minute < 10 ? "oh " : ""}${number(minute)}`;
}

function ordinal(value: number): string {
  const words = number(value).split(" ");
  const last = words.pop()!;
  return [...words, ORDINALS[last] ?? (last.endsWith("y") ? `${last.slice(0, -1)}ieth` : `${last}th`)].join(
    " ",
  );
}

function spell(digits: string): string {
  const isCount = digits.length <= LONGEST_NUMBER && (digits === "0" || !digits.startsWith("0"));
  return isCount ? number(Number(digits)) : digitByDigit(digits);
}

function digitByDigit(digits: string): string {
  return [...digits].map((digit) => ONES[Number(digit)]).join(" ");
}

/** In words, up to a thousand millions. */
function number(value: number): string {
  if (value < 20) return ONES[value]!;
  if (value < 100) return joined(TENS[Math.floor(value / 10)]!, value % 10);
  if (value < 1000) return joined(`${ONES[Math.floor(value / 100)]} hundred`, value % 100);
  const [size, name] = value < 1_000_000 ? [1000, "thousand"] : [1_000_000, "million"];
  return joined(`${number(Math.floor(value / size))} ${name}`, value % size);
}

function joined(large: string, rest: number): string {
  return rest === 0 ? large : `${large} ${number(rest)}`;
}
