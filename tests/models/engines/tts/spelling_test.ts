import assert from "node:assert/strict";
import { loadSpeller } from "../../../../models/engines/tts/spelling.ts";
import { kokoroPhonemes, languageOf, shares } from "../../../../models/engines/tts/kokoro_phonemes.ts";

const speller = await loadSpeller();
/** Phonemes with the mark after each clause, by a stroke. */
const spell = async (text: string, language = "en-us") =>
  (await speller.spell(text, language)).map(({ phonemes, mark }) => phonemes + mark).join(" | ");

const SPELT: readonly (readonly [text: string, spelt: string, why: string])[] = [
  ["Hello, world!", "həlˈoʊ, | wˈɜːld!", "clauses keep their marks"],
  ["what time is it", "wˌʌt tˈaɪm ɪz ɪt", "no mark is added"],
  ["Well... yes?!", "wˈɛl… | jˈɛs?", "of several marks the strongest is heard"],
  ["3.14", "θɹˈiː pɔɪnt wˈʌn fˈɔːɹ", "a point within a number ends nothing"],
  ["at 3:30, 1,000", "æt θɹˈiː θˈɜːɾi, | wˈʌn θˈaʊzənd", "nor do other marks"],
  ["Dr. Smith", "dˈɑːktɚ smˈɪθ", "a title is one with its name"],
  ["e.g. this", "fˌɔːɹɛɡzˈæmpəl ðˈɪs", "an abbreviation in a sentence ends nothing"],
  ["(yes), no.", "jˈɛs, | nˈoʊ.", "brackets are not said"],
  ["你好, hello", "həlˈoʊ", "scripts that it would only name are left out"],
  ["你好!", "", "also where nothing is left"],
];

for (const [text, spelt, why] of SPELT) {
  Deno.test(`spelling: ${JSON.stringify(text)}: ${why}`, async () => {
    assert.equal(await spell(text), spelt);
  });
}

/** As espeak-ng's own program says with --ipa, each in one of its voices. */
const SENTENCES: readonly (readonly [language: string, text: string, spelt: string])[] = [
  ["en-us", "Hello, how are you today?", "həlˈoʊ, | hˌaʊ ɑːɹ juː tədˈeɪ?"],
  ["en-gb", "Hello, how are you today?", "həlˈəʊ, | hˌaʊ ɑː juː tədˈeɪ?"],
  ["es", "Buenos días, ¿cómo está usted hoy?", "bwˈenos ðˈias, | kˈomo estˈa ustˈeð ˈoɪ?"],
  ["fr-fr", "Bonjour, comment allez-vous aujourd'hui ?", "bɔ̃ʒˈuʁ, | kɔmˌɑ̃ alˈevuz oʒuʁdyˈi?"],
  ["fr", "Bonjour, vous avez un ami.", "bɔ̃ʒˈuʁ, | vuz avˈez œ̃n amˈi."],
  ["hi", "नमस्ते, आप कैसे हैं?", "nəmˈʌsteː, | ˌaːp kˈɛːseː hɛ̃?"],
  ["it", "Buongiorno, come stai oggi?", "bʊondʒˈɔrno, | kˌome stˈaj ˈɔdʒːɪ?"],
  ["pt-br", "Bom dia, como você está hoje?", "bˈoŋ dʒˈiæ, | kˌomʊ vosˌe estˌa ˈoʒy?"],
  ["de", "Guten Morgen, wie geht es Ihnen heute?", "ɡˈuːtən mˈɔɾɡən, | viː ɡˈeːt ɛs ˌiːnən hˈɔøtə?"],
];

for (const [language, text, spelt] of SENTENCES) {
  Deno.test(`spelling: a sentence in ${language}`, async () => {
    assert.equal(await spell(text, language), spelt);
  });
}

Deno.test("spelling: words of another language come without its name", async () => {
  assert.equal(await spell("le weekend à New York", "fr"), "lə- wiːkˈɛnd a njˈuː jˈɔːk");
  assert.equal(await spell("你好, bonjour", "fr-fr"), "bɔ̃ʒˈuʁ");
});

Deno.test("spelling: a danda is a full stop", async () => {
  assert.equal(await spell("नमस्ते। आप।", "hi"), "nəmˈʌsteː. | ˌaːp.");
});

Deno.test("spelling: a zero ends nothing", async () => {
  assert.equal(await spell("one\0two"), await spell("one two"));
});

Deno.test("spelling: languages do not get mixed up where several are asked for at once", async () => {
  const sentences = SENTENCES.map(([language, text]) => spell(text, language));
  assert.deepEqual(await Promise.all(sentences), SENTENCES.map(([, , spelt]) => spelt));
});

Deno.test("spelling: British English sounds otherwise than American", async () => {
  assert.equal(await spell("a hot bath", "en-gb"), "ɐ hˈɒt bˈaθ");
  assert.equal(await spell("a hot bath", "en-us"), "ɐ hˈɑːt bˈæθ");
});

Deno.test("spelling: says which languages it knows", () => {
  const known = ["en-us", "en-gb", "gmw/en-US", "de", "xx", "", "constructor"].filter((name) =>
    speller.knows(name)
  );
  assert.deepEqual(known, ["en-us", "en-gb", "gmw/en-US", "de"]);
});

Deno.test("kokoro: the first letter of a voice is its language", () => {
  const voices = [
    "af_heart",
    "bm_george",
    "ef_dora",
    "ff_siwis",
    "hf_alpha",
    "if_sara",
    "pf_dora",
    "zf_xiaobei",
  ];
  assert.deepEqual(voices.map(languageOf), ["en-us", "en-gb", "es", "fr-fr", "hi", "it", "pt-br", undefined]);
});

const CLEANED: readonly (readonly [text: string, american: string, british: string])[] = [
  ["Kokoro!", "kˈoʊkəɹoʊ!", "kˈəʊkəɹəʊ!"],
  ["Ninety.", "nˈaɪndi.", "nˈaɪnti."],
  ["ninety-nine", "nˈaɪndinˈaɪn", "nˈaɪntinˈaɪn"],
  ["Loch, llama", "lˈɑːk, lˈɑːmə", "lˈɒk, lˈɑːmə"],
];

for (const [text, american, british] of CLEANED) {
  Deno.test(`kokoro: ${JSON.stringify(text)} is cleaned up`, async () => {
    const spelt = async (language: string) => kokoroPhonemes(await speller.spell(text, language), language);
    assert.deepEqual([await spelt("en-us"), await spelt("en-gb")], [american, british]);
  });
}

Deno.test("kokoro: sounds of two letters become the one it was taught, in other languages than English", () => {
  const clauses = [{ phonemes: "bʊondʒˈɔrno tʃˈao ˈaɪ lə- dʒː", mark: "!" }] as const;
  assert.equal(kokoroPhonemes(clauses, "it"), "bʊonʤˈɔrno ʧˈao ˈI lə ʤː!");
  assert.equal(kokoroPhonemes([{ phonemes: "tʃˈaɪ", mark: "" }], "en-us"), "tʃˈaɪ");
});

Deno.test("kokoro: English sounds that it does not know become those it knows", () => {
  const clauses = [{ phonemes: "rʲaxɬ tˈuːhˈʌndɹɪd ˈænə z", mark: "," }] as const;
  assert.equal(kokoroPhonemes(clauses, "en-us"), "ɹjakl tˈuː hˈʌndɹɪd ˈænəz,");
  assert.equal(kokoroPhonemes(clauses, "es"), "rʲaxɬ tˈuːhˈʌndɹɪd ˈænə z,");
});

Deno.test("kokoro: too many phonemes are cut at clauses, else between words, else anywhere", () => {
  assert.deepEqual(shares("abc", 3), ["abc"]);
  assert.deepEqual(shares("ab, cd ef gh", 10), ["ab,", "cd ef gh"]);
  assert.deepEqual(shares("ab cd ef", 7), ["ab cd", "ef"]);
  assert.deepEqual(shares("abcdefgh", 3), ["abc", "def", "gh"]);
  assert.deepEqual(shares("", 3), []);
});
