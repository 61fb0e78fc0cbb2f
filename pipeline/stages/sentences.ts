/** Cutting a stream of text into sentences, so that the first is spoken while the rest is generated. */

/** A sentence is spoken once it is this long; a shorter one ("Hi.") waits for the next. */
const MIN_CHARS = 2;
/** Without an end in sight, text is cut at the last space before this, as a reader would draw breath. */
const MAX_CHARS = 240;

const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
/** Shortened words after which a full stop ends no sentence. The segmenter knows digits, not these. */
const ABBREVIATION = /(?:^|\s)(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e|etc|approx|No)\.\s*$/i;

/** Yields the sentences of the text as soon as each is complete, white space trimmed, none empty. */
export async function* sentences(text: AsyncIterable<string>): AsyncIterable<string> {
  let rest = "";
  for await (const delta of text) {
    rest += delta;
    const { complete, open } = split(rest);
    rest = open;
    yield* complete;
  }
  const last = rest.trim();
  if (last) yield last;
}

/** What of `text` is complete sentences. The last stretch stays open: more may belong to it. */
function split(text: string): { complete: string[]; open: string } {
  const complete: string[] = [];
  let open = "";
  const segments = [...segmenter.segment(text)].map(({ segment }) => segment);
  for (const [index, segment] of segments.entries()) {
    open += segment;
    // A sentence followed by nothing may be half of "3.5"; white space after it settles that.
    const settled = index < segments.length - 1 || /[.!?…]["')\]]*\s$|\n$/.test(open);
    if (settled && open.trim().length >= MIN_CHARS && !ABBREVIATION.test(open)) {
      complete.push(open.trim());
      open = "";
    }
  }
  while (open.length > MAX_CHARS) {
    const cut = open.lastIndexOf(" ", MAX_CHARS);
    const at = cut > 0 ? cut : MAX_CHARS;
    complete.push(open.slice(0, at).trim());
    open = open.slice(at);
  }
  return { complete, open };
}
