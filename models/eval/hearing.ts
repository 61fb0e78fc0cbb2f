/** How well the recogniser hears. */
import type { SpeechToText } from "../../pipeline/engines.ts";
import { readGrowing, readWhole } from "./reading.ts";
import { type Doubts, type SetFigures, SetTally, sum } from "./tally.ts";
import type { TestSet } from "./test_sets.ts";
import type { Watched } from "./watched.ts";

/** What {@linkcode evaluateHearing} works with. */
export interface HearingOptions extends Watched {
  readonly stt: SpeechToText;
  /** New audio after which it reads a growing utterance again. */
  readonly stepMs: number;
  readonly sets: readonly TestSet[];
}

/** The recogniser's figures. */
export interface HearingFigures {
  readonly sets: readonly SetFigures[];
  /** Over all sets but the noisy ones. */
  readonly doubts: Doubts;
  /** Time to read whole utterances by the time they last, over all sets. */
  readonly realTimeFactor: number;
}

/** Reads every utterance of every set once as a whole; those of whole sentences also as they grow. */
export async function evaluateHearing(
  { stt, stepMs, sets, signal, onProgress }: HearingOptions,
): Promise<HearingFigures> {
  const figures: SetFigures[] = [];
  let doubts: Doubts = { utterances: 0, rejected: 0, wrong: 0, rejectedAndWrong: 0 };
  let time = { audioMs: 0, computeMs: 0 };
  for (const { name, utterances, noisy, streamed } of sets) {
    const tally = new SetTally(name);
    for (const [index, { text, sound }] of utterances.entries()) {
      const samples = await sound({ signal });
      const { transcript, audioMs, computeMs } = await readWhole(stt, samples, { signal });
      tally.add(text, transcript);
      time = sum(time, { audioMs, computeMs });
      if (streamed) tally.addGrowing(await readGrowing(stt, samples, { stepMs, signal }));
      onProgress(name, index + 1, utterances.length);
    }
    figures.push(tally.figures);
    if (!noisy) doubts = sum({ ...doubts }, { ...tally.doubts });
  }
  return { sets: figures, doubts, realTimeFactor: time.computeMs / time.audioMs };
}
