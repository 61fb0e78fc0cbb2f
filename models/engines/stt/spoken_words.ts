/** Text → the words it consists of, in scripts with spaces and without. */

const WITHOUT_SPACES =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * The words of `text`, each with the space before it and the marks around it: joined they are the text again, but for
 * white space at its end.
 */
export function wordsOf(text: string): string[] {
  const chunks: readonly string[] = text.match(/\s*\S+/g) ?? [];
  return chunks.flatMap((chunk) => WITHOUT_SPACES.test(chunk) ? segmentsOf(chunk) : [chunk]);
}

/** `text` with a space before it where its script sets words apart, so that it can follow other text. */
export function afterSpace(text: string): string {
  const trimmed = text.trim();
  return trimmed === "" || WITHOUT_SPACES.test(trimmed[0]!) ? trimmed : ` ${trimmed}`;
}

function segmentsOf(chunk: string): string[] {
  const words: string[] = [];
  let hasWord = true;
  for (const { segment, isWordLike } of new Intl.Segmenter("und", { granularity: "word" }).segment(chunk)) {
    if (words.length === 0 || (isWordLike && hasWord)) {
      words.push(segment);
      hasWord = isWordLike === true;
    } else {
      words.push(words.pop()! + segment);
      hasWord ||= isWordLike === true;
    }
  }
  return words;
}
