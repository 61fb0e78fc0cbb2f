/** From what is written to what a voice can say, word by word. */

/** A word of the text. */
export interface Word {
  /** As the voice is to read it. */
  readonly spoken: string;
  /** Where the next word begins in the text. */
  readonly end: number;
}

/** What a voice can make of something written. */
export type Reading = (written: string) => string;

type Alike = readonly (readonly [RegExp, string])[];

/** Typography for which there is something simple that is read alike. */
const TYPOGRAPHY: Alike = [
  [/[‘’‛′]/g, "'"],
  [/[“”„«»″"]/g, ""],
  [/[–—―]|--+/g, ", "],
  [/…/g, "..."],
  [/⁄/g, "/"],
  [/[*_~`#^|\\<>{}[\]]+/g, " "],
];

/** Symbols that a voice which knows only ASCII must be told in English. */
const ENGLISH: Alike = [
  [/€/g, " euros "],
  [/£/g, " pounds "],
  [/°/g, " degrees "],
  [/×/g, " times "],
  [/÷/g, " divided by "],
];

/** Longer stretches without white space are no words; a voice would read them for minutes. */
const WRITTEN_WORD = /\S{1,60}\s*/g;

/** The words of the text that have something to say. A stretch that has not belongs to the word before it. */
export function speakableWords(text: string, read: Reading = asAscii): Word[] {
  const words: Word[] = [];
  for (const { 0: written, index } of text.matchAll(WRITTEN_WORD)) {
    const spoken = read(written);
    const end = index + written.length;
    const before = words.at(-1);
    if (/[\p{L}\p{N}\p{Sc}&%@+=]/u.test(spoken)) words.push({ spoken, end });
    else if (before) words.splice(-1, 1, { spoken: before.spoken + spoken, end });
  }
  return words;
}

/** For voices that know ASCII alone: accents are left out, symbols told in English. */
export function asAscii(written: string): string {
  const simple = replaceAll(written.normalize("NFKD"), [...ENGLISH, ...TYPOGRAPHY]);
  return tidy(simple.replaceAll(/[^\x20-\x7e]/g, ""));
}

/** For voices that read any script: pictures and what only formats are left out. */
export function asWritten(written: string): string {
  const simple = replaceAll(written.normalize("NFKC"), TYPOGRAPHY);
  return tidy(simple.replaceAll(/[^\p{L}\p{M}\p{N}\p{P}\p{Sc}\p{Sm}°\s]|[\ufe00-\ufe0f\u20e3]/gu, ""));
}

function replaceAll(text: string, pairs: Alike): string {
  return pairs.reduce((text, [pattern, alike]) => text.replaceAll(pattern, alike), text);
}

function tidy(spoken: string): string {
  return spoken.trim().replaceAll(/\s+/g, " ").replace(/^, /, "");
}

/** Groups words into what is spoken in one breath: to the end of a sentence or clause, at most `maxChars` long. */
export function breaths(words: readonly Word[], maxChars: number): Word[][] {
  const groups: Word[][] = [];
  let group: Word[] = [];
  let chars = 0;
  for (const word of words) {
    if (group.length > 0 && chars + word.spoken.length > maxChars) {
      const rest = splitAtClause(group);
      groups.push(group);
      group = rest;
      chars = lengthOf(rest);
    }
    group.push(word);
    chars += word.spoken.length + 1;
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

/** Shortens the group to its last clause or sentence end, if it has one, and returns what came after. */
function splitAtClause(group: Word[]): Word[] {
  const end = group.findLastIndex(({ spoken }) => /[.!?,;:]["')]*$/.test(spoken));
  return end === -1 ? [] : group.splice(end + 1);
}

function lengthOf(words: readonly Word[]): number {
  return words.reduce((sum, { spoken }) => sum + spoken.length + 1, 0);
}
