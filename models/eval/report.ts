/** Figures as a person reads them: tables in Markdown, as READMEs have them. */
import type { AnsweringFigures } from "./answering.ts";
import type { HearingFigures } from "./hearing.ts";

/** What was measured. */
export interface EvaluationFigures {
  readonly hearing?: HearingFigures;
  readonly answering?: AnsweringFigures;
}

/** The tables of what was measured. */
export function reportOf({ hearing, answering }: EvaluationFigures): string {
  return [
    ...(hearing ? [setsOf(hearing), judgementOf(hearing)] : []),
    ...(answering ? [repliesOf(answering)] : []),
  ].join("\n");
}

function setsOf({ sets }: HearingFigures): string {
  return table([
    ["what is heard", "words wrong", "exactly right", "words that stand 300 ms after their end"],
    ...sets.map(({ name, words, wordsWrong, utterances, exactlyRight, steadiness }) => [
      name,
      `${percent(wordsWrong, words)} of ${words}`,
      share(exactlyRight, utterances),
      steadiness ? `${percent(steadiness.steady, steadiness.words)} of ${steadiness.words}` : "",
    ]),
  ]);
}

function judgementOf({ doubts, realTimeFactor }: HearingFigures): string {
  const { utterances, rejected, wrong, rejectedAndWrong } = doubts;
  return table([
    ["how it is heard", ""],
    ["of what it rejects, is wrong", share(rejectedAndWrong, rejected)],
    ["of what is wrong, it rejects", share(rejectedAndWrong, wrong)],
    ["of what is right, it rejects", share(rejected - rejectedAndWrong, utterances - wrong)],
    ["real-time factor, one thread", realTimeFactor.toFixed(4)],
  ]);
}

function repliesOf({ requests, typedRight, spoken }: AnsweringFigures): string {
  return table([
    ["first reply: the right tool with the right arguments, or speech", ""],
    ["requests as text", share(typedRight, requests)],
    ...(spoken
      ? [
        ["requests spoken, right at once", share(spoken.right, requests)],
        ["the same, without those it asks for again", share(spoken.right, requests - spoken.rejected)],
      ]
      : []),
  ]);
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |\n`;
  return line(head) + `|${"---|".repeat(head.length)}\n` + rows.map(line).join("");
}

function share(part: number, whole: number): string {
  return whole === 0 ? "–" : `${percent(part, whole)} (${part} of ${whole})`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "–" : `${(100 * part / whole).toFixed(1)} %`;
}
