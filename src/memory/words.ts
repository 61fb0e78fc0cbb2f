/** What a memory is about, and which words of a question tell it apart. */

/** Words found in any sentence; the apostrophe's remains ("s", "ll") among them. */
const COMMON_WORDS = new Set(
  "a about am an and are as at be by can could d did do does for from had has have he her his how i if in into is it \
its ll m me mine my of on or our please re remember s she should so t tell that the their them there they this to us \
ve was we were what when where which who why will with would you your".split(" "),
);

/** Where what is said of a subject begins: "my keys | are in the blue bag", "i live | in london". */
const SUBJECT_END = /\s(?:is|are|was|were|am|in|on|at|to|by|with)\s/i;

/** More words than this say no more about what is sought. */
const MAX_QUERY_WORDS = 20;

/** The telling words of a query, each once. */
export function queryWords(query: string): readonly string[] {
  const words = new Set(query.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu));
  return [...words.difference(COMMON_WORDS)].slice(0, MAX_QUERY_WORDS);
}

/** What a memory is about: two with the same subject are an older and a newer state of one thing. */
export function subjectOf(text: string): string {
  const end = text.search(SUBJECT_END);
  return (end > 0 ? text.slice(0, end) : text).toLowerCase();
}
