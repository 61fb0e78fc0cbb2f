/** From text to the sounds it is spoken with, by espeak-ng in WebAssembly. */

/** What is said without a pause, and the mark that ends it, if any. */
export interface Clause {
  /** In the International Phonetic Alphabet, a space between words. */
  readonly phonemes: string;
  readonly mark: "" | "." | "," | ";" | ":" | "?" | "!" | "…";
}

/** Spells text in sounds. */
export interface Speller {
  /** Whether it knows a language, by espeak-ng's name of it ("en-us"). */
  knows(language: string): boolean;
  /** The clauses of `text`, in a language that it knows, that have any sound. Numbers, currencies and abbreviations are read as espeak-ng does. */
  spell(text: string, language: string): Promise<Clause[]>;
}

/** Loads espeak-ng: 0.1 s and 40 MB, once a thread. */
export async function loadSpeller(): Promise<Speller> {
  const { list_voices, phonemize } = await import("phonemizer");
  const voices = voicesByLanguage([await list_voices()].flat()); // It is a list, which the package's types deny.
  return {
    knows: (language) => voices.has(language),
    async spell(text, language) {
      const clauses: Clause[] = [];
      for (const { words, mark } of clausesOf(readable(text, language))) {
        const phonemes = (await phonemize(words, voices.get(language))).join(" ").replaceAll(/\s+/g, " ")
          .trim();
        if (phonemes !== "") clauses.push({ phonemes, mark });
      }
      return clauses;
    },
  };
}

interface EspeakVoice {
  readonly identifier: string;
  /** Those that it is for, the less the number the better. */
  readonly languages: readonly { readonly name: string; readonly priority: number }[];
}

/**
 * The identifier of the best voice for each language. Some languages' own names ("en-gb") are taken and leave the
 * voice as it was set before.
 */
function voicesByLanguage(voices: readonly EspeakVoice[]): Map<string, string> {
  const named = voices.flatMap(({ identifier, languages }) =>
    languages.map(({ name, priority }) => ({ name, priority, identifier }))
  );
  const bestLast = named.toSorted((a, b) => b.priority - a.priority);
  return new Map([
    ...bestLast.map(({ name, identifier }) => [name, identifier] as const),
    ...voices.map(({ identifier }) => [identifier, identifier] as const),
  ]);
}

/** Letters of scripts that espeak-ng knows only as "Chinese letter" in English are better left unsaid. */
function readable(text: string, language: string): string {
  if (!/^(gmw\/)?en\b/.test(language)) return text;
  return text.replaceAll(
    /\p{L}+/gu,
    (letters) => [...letters].filter((letter) => /[\p{Script=Latin}\p{Script=Greek}]/u.test(letter)).join(""),
  );
}

/** Its full stop is none: espeak-ng reads the title, but would make a pause after it. */
const TITLE = /\b(Mr|Mrs|Ms|Dr|St|Prof)\.(?=\s+\p{Lu})/gu;

/**
 * The marks that end a clause: before white space, so that "3.14" has none, and a full stop not before a small
 * letter, so that "e.g. this" has none. Espeak-ng itself does not say where its pauses come from.
 */
const CLAUSE_END = /(?:[,;:?!]|\.(?!\s+\p{Ll}))[.,;:?!]*['")\]]*(?=\s|$)/gu;

function clausesOf(text: string): { words: string; mark: Clause["mark"] }[] {
  const clauses: { words: string; mark: Clause["mark"] }[] = [];
  const sayable = text.replaceAll(TITLE, "$1");
  let start = 0;
  for (const { 0: marks, index } of sayable.matchAll(CLAUSE_END)) {
    clauses.push({ words: sayable.slice(start, index), mark: markOf(marks) });
    start = index + marks.length;
  }
  clauses.push({ words: sayable.slice(start), mark: "" });
  return clauses.filter(({ words }) => words.trim() !== "");
}

/** What of several marks is heard. */
function markOf(marks: string): Clause["mark"] {
  const heard = (["?", "!", ".", ";", ":", ","] as const).find((mark) => marks.includes(mark)) ?? "";
  return marks.startsWith("..") ? "…" : heard;
}
