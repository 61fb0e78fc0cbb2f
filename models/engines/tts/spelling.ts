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

/** Loads espeak-ng, with all of its languages: 0.1 s and 60 MB, once a thread. */
export async function loadSpeller(): Promise<Speller> {
  const { module, espeak } = await (starting ??= startEspeak());
  const voices = voicesByLanguage(espeak.list_voices());
  const phonemesOf = (words: string): string => {
    const { ptr } = espeak.convert_to_phonemes(words, true);
    return tidy(new TextDecoder().decode(module.HEAPU8.subarray(ptr, module.HEAPU8.indexOf(0, ptr))));
  };
  return {
    knows: (language) => voices.has(language),
    spell(text, language) {
      espeak.set_voice(voices.get(language)!);
      const clauses = clausesOf(readable(text, language))
        .map(({ words, mark }) => ({ phonemes: phonemesOf(words), mark }));
      return Promise.resolve(clauses.filter(({ phonemes }) => phonemes !== ""));
    },
  };
}

let starting: Promise<Started> | undefined;

interface Started {
  readonly module: EspeakModule;
  readonly espeak: Espeak;
}

async function startEspeak(): Promise<Started> {
  const { default: start }: { default: () => Promise<EspeakModule> } = await import(
    "@echogarden/espeak-ng-emscripten"
  );
  const module = await start();
  return { module, espeak: new module.eSpeakNGWorker() };
}

/** What is used here of the package, which has no types. */
interface EspeakModule {
  readonly eSpeakNGWorker: new () => Espeak;
  /** Its memory; another array once it has grown. */
  readonly HEAPU8: Uint8Array;
}

interface Espeak {
  list_voices(): EspeakVoice[];
  /** By identifier: of a language's name it may take another language's voice. */
  set_voice(identifier: string): void;
  /**
   * Where in the memory the phonemes are, with a zero after them. They stay until the next call. It makes no sound of
   * them, so it is ten times as fast as `synthesize_ipa`, and it leaves the stress of short last words ("is it?") as the
   * voices heard it when they were taught: by this function too.
   */
  convert_to_phonemes(text: string, asIpa: boolean): { readonly ptr: number };
}

/** Without what stands between phonemes and between clauses, and the names of languages that words are taken from. */
function tidy(phonemes: string): string {
  return phonemes.replaceAll(/_|\([\w-]+\)/g, "").replaceAll(/[|\s]+/g, " ").trim();
}

interface EspeakVoice {
  readonly identifier: string;
  /** Those that it is for, the less the number the better. */
  readonly languages: readonly { readonly name: string; readonly priority: number }[];
}

/** The identifier of the best voice for each language, and for each identifier itself. */
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

/** In these, what is written in another script than theirs is for the most part read as "Chinese letter" or the like. */
const LATIN = /^(\w+\/)?(de|en|es|fr|it|pt)\b/;

/** The text without letters that are better left unsaid, and without zeros, which would end it. */
function readable(text: string, language: string): string {
  if (!LATIN.test(language)) return text.replaceAll("\0", " ");
  return text.replaceAll("\0", " ").replaceAll(
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
const CLAUSE_END = /(?:[,;:?!।]|\.(?!\s+\p{Ll}))[.,;:?!।]*['")\]]*(?=\s|$)/gu;

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
  if (marks.startsWith("..")) return "…";
  return heard === "" && marks.includes("।") ? "." : heard;
}
