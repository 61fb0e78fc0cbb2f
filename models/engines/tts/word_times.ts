/** When each word of synthesised speech has been said. */

/** A speech sound, or a pause, named `pau`. */
export interface Phone {
  readonly name: string;
  readonly endMs: number;
}

/** Reads `name:end` pairs, the end in seconds. */
export function parsePhones(text: string): Phone[] {
  return [...text.matchAll(/(\S+):(\d+\.\d+)/g)].map(([, name, end]) => ({
    name: name!,
    endMs: Number(end) * 1000,
  }));
}

/**
 * The end of each word, given how many phones each should have. Where those do not add up, because a word is
 * read differently among others ("Dr."), the difference is spread over all.
 */
export function wordEndsMs(phones: readonly Phone[], phonesOfWords: readonly number[]): number[] {
  const spoken = phones.filter(({ name }) => name !== "pau");
  const expected = phonesOfWords.reduce((sum, count) => sum + count, 0);
  let before = 0;
  return phonesOfWords.map((count) => {
    before += count;
    return spoken[Math.round(before / expected * spoken.length) - 1]?.endMs ?? 0;
  });
}
