/** CTC prefix beam search with a word model: what was said is what sounds right and makes sense. */
import type { CtcLogits, CtcVocabulary, CtcWord } from "./ctc_decode.ts";
import { tokensIn, wordsAlong } from "./ctc_decode.ts";
import { END, START, type WordModel } from "./word_model.ts";

/** What a search works with. */
export interface BeamSearchOptions {
  readonly vocabulary: CtcVocabulary;
  readonly words: WordModel;
  /**
   * How much likelier, as a natural logarithm, the sound must make what was read than silence. Less is noise that the
   * word model made sense of.
   */
  readonly minEvidence: number;
}

/**
 * How much the word model's opinion counts, and what makes up for every word making a text less likely. Chosen by
 * `models/training/tune_search.py`, on voices and people of the training: between 0.5 and 0.9, and 2.5 and 3.5, it hardly matters.
 */
const WORD_WEIGHT = 0.7;
const WORD_BONUS = 2.5;
/** Of the regression. */
const LOST_WEIGHT = 1.66;
const MARGIN_WEIGHT = 0.42;
const ODDEST_WEIGHT = 0.22;
const BIAS = 1.44;
/** Nothing else is near. */
const MOST_MARGIN = 10;
/** Hypotheses kept from frame to frame; twice as many read 1 % better and take twice as long. */
const WIDTH = 32;
/** A token whose score is this far below the best of its frame is not looked at. */
const LEAST = 7;

/**
 * The words of the likeliest hypothesis. Of each frame's likely tokens every hypothesis is continued, and two that say
 * the same are one (Hannun et al. 2014, "First-Pass Large Vocabulary Continuous Speech Recognition using
 * Bi-Directional Recurrent DNNs"); a word's opinion is added where the word ends, and until then the most that it can be
 * (Ortmanns et al. 1996, "Language-model look-ahead for large vocabulary speech recognition"), or what makes no word
 * would crowd out what does. Times come from the best alignment of that hypothesis, and so does the confidence, which all
 * words share.
 */
export function searchBeam(logits: CtcLogits, options: BeamSearchOptions): CtcWord[] {
  const { vocabulary } = options;
  const scores = logProbabilities(logits);
  let beam = [Prefix.empty(vocabulary.blankId)];
  for (let frame = 0; frame < logits.frames; frame++) beam = nextBeam(beam, scores.row(frame), options);
  const finished = beam.map((prefix) => ({ prefix, score: finalScore(prefix, options) }))
    .sort((a, b) => b.score - a.score);
  const { prefix: best, score } = finished[0]!;
  if (best.total - silenceScore(scores, vocabulary.blankId) < options.minEvidence) return [];
  const text = textOf(best, vocabulary);
  const other = finished.find(({ prefix }) => textOf(prefix, vocabulary) !== text);
  const path = alignment(best.tokens, scores, vocabulary.blankId);
  const confidence = probabilityOfBeingRight({
    lost: lostOn(path, scores) / Math.max(1, best.tokens.length),
    margin: Math.min(MOST_MARGIN, score - (other?.score ?? -Infinity)),
    oddest: oddestOf(text.split(" "), options.words),
  });
  return wordsAlong(path, logits, vocabulary).map((word) => ({ ...word, confidence }));
}

/** What tells how likely a reading is right. */
interface Signs {
  /** How much less likely than what it sounded like it is, a token. */
  readonly lost: number;
  /** How much better it scored than anything else, up to {@linkcode MOST_MARGIN}. */
  readonly margin: number;
  /** How likely the word model finds what it expects least, be it a word or the end: a natural logarithm. */
  readonly oddest: number;
}

/**
 * How likely every word is right: a logistic regression by `models/training/calibrate.py` on requests, general English and
 * people of the training, half of them disturbed. What it is worth on others stands in `models/starter/stt/README.md`.
 */
function probabilityOfBeingRight({ lost, margin, oddest }: Signs): number {
  return 1 / (1 + Math.exp(LOST_WEIGHT * lost - MARGIN_WEIGHT * margin - ODDEST_WEIGHT * oddest - BIAS));
}

function oddestOf(said: readonly string[], words: WordModel): number {
  let history: readonly string[] = [START, START];
  return [...said, END].reduce((oddest, word) => {
    const likely = words.logProbability(word, history);
    history = [...history, word].slice(-2);
    return Math.min(oddest, likely);
  }, Infinity);
}

/** How much less likely than the likeliest token of each frame this path is. */
function lostOn(path: readonly number[], { row }: Scores): number {
  return path.reduce((lost, id, frame) => {
    const scores = row(frame);
    return lost + scores.reduce((max, score) => Math.max(max, score), -Infinity) - scores[id]!;
  }, 0);
}

function textOf({ tokens }: Prefix, { tokens: texts, wordDelimiter }: CtcVocabulary): string {
  return tokens.map((id) => texts[id] ?? "").join("").split(wordDelimiter).filter(Boolean).join(" ");
}

/** What a prefix says. */
interface Said {
  /** Its newest token. */
  readonly id: number;
  readonly parent: Prefix | undefined;
  /** The words that are complete: the newest two, all that a trigram looks at. */
  readonly history: readonly string[];
  /** The beginning of the word that is not. */
  readonly part: string;
  readonly wordScore: number;
  /** What the word that is not complete can add to that at most, whatever came before. */
  readonly outlook: number;
}

/** A beginning of the text, and how likely it is that the frames so far say it. */
class Prefix {
  readonly said: Said;
  readonly children = new Map<number, Prefix>();
  /** Log-probability of all alignments that end in a blank, and of those that end in its token. */
  blank = -Infinity;
  token = -Infinity;
  nextBlank = -Infinity;
  nextToken = -Infinity;

  private constructor(said: Said) {
    this.said = said;
  }

  static empty(blankId: number): Prefix {
    const said = {
      id: blankId,
      parent: undefined,
      history: [START, START],
      part: "",
      wordScore: 0,
      outlook: 0,
    };
    const prefix = new Prefix(said);
    prefix.blank = 0;
    return prefix;
  }

  get total(): number {
    return logAdd(this.blank, this.token);
  }

  /** The tokens from the beginning on. */
  get tokens(): number[] {
    const { parent, id } = this.said;
    return parent ? [...parent.tokens, id] : [];
  }

  /** With one more token; always the same one for the same. */
  child(id: number, { vocabulary, words }: BeamSearchOptions): Prefix {
    const known = this.children.get(id);
    if (known) return known;
    let { history, part, wordScore } = this.said;
    for (const [index, text] of (vocabulary.tokens[id] ?? "").split(vocabulary.wordDelimiter).entries()) {
      if (index > 0 && part) {
        wordScore += scoreOf(part, history, words);
        history = [...history, part].slice(-2);
        part = "";
      }
      part += text;
    }
    const outlook = part ? weighted(words.outlook(part)) : 0;
    const child = new Prefix({ id, parent: this, history, part, wordScore, outlook });
    this.children.set(id, child);
    return child;
  }
}

function nextBeam(beam: readonly Prefix[], row: Float32Array, options: BeamSearchOptions): Prefix[] {
  const { blankId } = options.vocabulary;
  const likely = likelyTokens(row);
  const touched = new Set<Prefix>();
  for (const prefix of beam) {
    const { total, said } = prefix;
    for (const id of likely) {
      const score = row[id]!;
      if (id === blankId || id === said.id) {
        if (id === blankId) prefix.nextBlank = logAdd(prefix.nextBlank, total + score);
        else prefix.nextToken = logAdd(prefix.nextToken, prefix.token + score);
        touched.add(prefix);
      }
      // A token is new after another one, or after a blank.
      const before = id === said.id ? prefix.blank : total;
      if (id === blankId || before === -Infinity) continue;
      const child = prefix.child(id, options);
      child.nextToken = logAdd(child.nextToken, before + score);
      touched.add(child);
    }
  }
  for (const prefix of touched) {
    [prefix.blank, prefix.token] = [prefix.nextBlank, prefix.nextToken];
    prefix.nextBlank = prefix.nextToken = -Infinity;
  }
  return [...touched]
    .map((prefix) => ({ prefix, score: prefix.total + prefix.said.wordScore + prefix.said.outlook }))
    .sort((a, b) => b.score - a.score).slice(0, WIDTH).map(({ prefix }) => prefix);
}

function likelyTokens(row: Float32Array): number[] {
  const least = row.reduce((max, score) => Math.max(max, score), -Infinity) - LEAST;
  const likely: number[] = [];
  for (const [id, score] of row.entries()) if (score > least) likely.push(id);
  return likely;
}

function scoreOf(word: string, history: readonly string[], words: WordModel): number {
  return weighted(words.logProbability(word, history));
}

function weighted(logProbability: number): number {
  return WORD_WEIGHT * logProbability + WORD_BONUS;
}

/** With the word that is not complete, and the end of the sentence after it. */
function finalScore({ total, said }: Prefix, { words }: BeamSearchOptions): number {
  const { wordScore, part, history } = said;
  const whole = part ? [...history, part].slice(-2) : history;
  const last = part ? scoreOf(part, history, words) : 0;
  return total + wordScore + last + WORD_WEIGHT * words.logProbability(END, whole);
}

/** The log-probability that nothing is said. */
function silenceScore({ frames, row }: Scores, blankId: number): number {
  let score = 0;
  for (let frame = 0; frame < frames; frame++) score += row(frame)[blankId]!;
  return score;
}

interface Scores {
  readonly frames: number;
  row(frame: number): Float32Array;
}

function logProbabilities(logits: CtcLogits): Scores {
  const count = tokensIn(logits);
  const rows = Array.from({ length: logits.frames }, (_, frame) => {
    const row = logits.data.slice(frame * count, (frame + 1) * count);
    const max = row.reduce((most, score) => Math.max(most, score), -Infinity);
    const sum = row.reduce((all, score) => all + Math.exp(score - max), 0);
    return row.map((score) => score - max - Math.log(sum));
  });
  return { frames: logits.frames, row: (frame) => rows[frame]! };
}

/**
 * The token of each frame in the likeliest alignment of `tokens` (Viterbi). Between any two tokens there may be blanks,
 * and between two that are alike there must be one.
 */
function alignment(tokens: readonly number[], { frames, row }: Scores, blankId: number): number[] {
  const states = [blankId, ...tokens.flatMap((id) => [id, blankId])];
  let scores = states.map((_, state) => state < 2 && frames > 0 ? row(0)[states[state]!]! : -Infinity);
  const cameFrom: number[][] = [];
  for (let frame = 1; frame < frames; frame++) {
    const from = states.map((id, state) => {
      const skips = state >= 2 && id !== blankId && id !== states[state - 2];
      const candidates = [state, state - 1, ...(skips ? [state - 2] : [])].filter((before) => before >= 0);
      return candidates.reduce((best, before) => scores[before]! > scores[best]! ? before : best);
    });
    scores = states.map((id, state) => scores[from[state]!]! + row(frame)[id]!);
    cameFrom.push(from);
  }
  const last = states.length - 1;
  let state = last > 0 && scores[last - 1]! > scores[last]! ? last - 1 : last;
  const path: number[] = [];
  for (let frame = frames - 1; frame >= 0; frame--) {
    path.push(states[state]!);
    state = cameFrom[frame - 1]?.[state] ?? state;
  }
  return path.reverse();
}

function logAdd(a: number, b: number): number {
  if (a === -Infinity) return b;
  if (b === -Infinity) return a;
  return Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)));
}
