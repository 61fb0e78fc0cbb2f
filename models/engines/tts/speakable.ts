/** From what is written to what a voice that knows ASCII can say, word by word. */

/** A word of the text. */
export interface Word {
  /** As the voice is to read it. */
  readonly spoken: string;
  /** Where the next word begins in the text. */
  readonly end: number;
}

/** Typography for which ASCII has something that is read alike. */
const ALIKE: readonly (readonly [RegExp, string])[] = [
  [/[‘’‛′]/g, "'"],
  [/[“”„«»″"]/g, ""],
  [/[–—―]|--+/g, ", "],
  [/…/g, "..."],
  [/€/g, " euros "],
  [/£/g, " pounds "],
  [/°/g, " degrees "],
  [/×/g, " times "],
  [/÷/g, " divided by "],
  [/⁄/g, "/"],
  [/[*_~`#^|\\<>{}[\]]+/g, " "],
];

/** Longer stretches without white space are no words; a voice would read them for minutes. */
const WRITTEN_WORD = /\S{1,60}\s*/g;

/** The words of the text that have something to say. A stretch that has not belongs to the word before it. */
export function speakableWords(text: string): Word[] {
  const words: Word[] = [];
  for (const { 0: written, index } of text.matchAll(WRITTEN_WORD)) {
    const spoken = speakable(written);
    const end = index + written.length;
    const before = words.at(-1);
    if (/[a-z0-9&%@+=$]/i.test(spoken)) words.push({ spoken, end });
    else if (before) words.splice(-1, 1, { spoken: before.spoken + spoken, end });
  }
  return words;
}

function speakable(written: string): string {
  let spoken = written.normalize("NFKD");
  for (const [pattern, alike] of ALIKE) spoken = spoken.replaceAll(pattern, alike);
  return spoken.replaceAll(/[^\x20-\x7e]/g, "").trim().replaceAll(/ +/g, " ").replace(/^, /, "");
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
