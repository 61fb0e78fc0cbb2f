/** Counting the words that were heard wrong. */

/** Lower-case words without punctuation: what is compared. */
export function wordsOf(text: string): string[] {
  const plain = text.toLowerCase().replaceAll("’", "'").replaceAll(/[-—]/g, " ").replaceAll(
    /[^\p{L}\p{N}' ]/gu,
    " ",
  );
  return plain.split(/\s+/).filter(Boolean);
}

/** Words wrong, missing or too many: the least number of edits from one to the other. */
export function wordErrors(truth: readonly string[], heard: readonly string[]): number {
  let before = Array.from({ length: heard.length + 1 }, (_, at) => at);
  for (const [index, word] of truth.entries()) {
    const row = [index + 1];
    for (const [at, other] of heard.entries()) {
      row.push(Math.min(before[at + 1]! + 1, row[at]! + 1, before[at]! + (word === other ? 0 : 1)));
    }
    before = row;
  }
  return before[heard.length]!;
}
