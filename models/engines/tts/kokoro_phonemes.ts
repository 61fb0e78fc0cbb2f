/** What espeak-ng spells and Kokoro was taught differ here and there. */
import type { Clause } from "./spelling.ts";

/** The language that a voice's name begins with, as espeak-ng calls it. */
const LANGUAGES: Readonly<Record<string, string>> = {
  a: "en-us",
  b: "en-gb",
  e: "es",
  f: "fr-fr",
  h: "hi",
  i: "it",
  p: "pt-br",
};

/** What a voice such as "af_heart" speaks, as espeak-ng calls it; undefined where nothing here spells it in sounds. */
export function languageOf(voice: string): string | undefined {
  const letter = voice.charAt(0);
  return Object.hasOwn(LANGUAGES, letter) ? LANGUAGES[letter] : undefined;
}

type Rules = readonly (readonly [RegExp, string])[];

const ENGLISH: Rules = [
  // The model's own name, which espeak-ng stresses wrongly.
  [/kəkˈɔːɹoʊ/g, "kˈoʊkəɹoʊ"],
  [/kəkˈɔːɹəʊ/g, "kˈəʊkəɹəʊ"],
  [/ʲ/g, "j"],
  [/r/g, "ɹ"],
  [/x/g, "k"],
  [/ɬ/g, "l"],
  // "two hundred" in a longer number comes without a space, an "s" of possession with one.
  [/(?<=[a-zɹː])(?=hˈʌndɹɪd)/g, " "],
  [/ z(?= |$)/g, "z"],
];

const AMERICAN: Rules = [
  // The t of "ninety" is a flap.
  [/(?<=nˈaɪn)ti(?!ː)/g, "di"],
];

/** Sounds of two letters for which the model was taught one, in every language but English as it is spelt here. */
const OTHERS: Rules = [
  [/dz/g, "ʣ"],
  [/dʒ/g, "ʤ"],
  [/ts/g, "ʦ"],
  [/tʃ/g, "ʧ"],
  [/aɪ/g, "I"],
  [/aʊ/g, "W"],
  [/eɪ/g, "A"],
  [/ɔɪ/g, "Y"],
  [/oʊ/g, "O"],
  [/əʊ/g, "Q"],
  // After a vowel of French that is hardly spoken.
  [/-/g, ""],
];

/** What the model reads for these clauses in one of espeak-ng's languages. */
export function kokoroPhonemes(clauses: readonly Clause[], language: string): string {
  const rules = language === "en-us" ? [...ENGLISH, ...AMERICAN] : language === "en-gb" ? ENGLISH : OTHERS;
  return clauses.map(({ phonemes, mark }) =>
    rules.reduce((spelt, [pattern, kokoros]) => spelt.replaceAll(pattern, kokoros), phonemes) + mark
  ).join(" ");
}

/** Cuts phonemes into shares of at most so many: at the ends of clauses, else between words, else anywhere. */
export function shares(phonemes: string, most: number): string[] {
  const cut: string[] = [];
  let rest = phonemes;
  while (rest.length > most) {
    const head = rest.slice(0, most);
    const clauseEnd = head.search(/[.,;:?!…] [^.,;:?!…]*$/);
    const at = clauseEnd > 0 ? clauseEnd + 1 : head.lastIndexOf(" ") > 0 ? head.lastIndexOf(" ") : most;
    cut.push(rest.slice(0, at));
    rest = rest.slice(at).trimStart();
  }
  return rest === "" ? cut : [...cut, rest];
}
