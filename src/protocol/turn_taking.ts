/** The settings of turn-taking: the same in parley.toml and in `session_update`. */
import { z } from "zod";

/** What each setting means, and what is allowed. */
export const turnTaking = z.object({
  speech_threshold: z.number().min(0).max(1).describe("probability at which sound is speech"),
  silence_threshold: z.number().min(0).max(1).describe("probability below which speech pauses"),
  min_speech_ms: z.number().min(32).max(1000).describe("shorter voice is not speech"),
  pause_ms: z.number().min(32).max(5000).describe("silence after which an answer is prepared"),
  endpoint_ms: z.number().min(64).max(10_000).describe("silence after which the user has finished"),
  unfinished_ms: z.number().min(64).max(10_000).optional().describe(
    "the same where it sounded as if more would come (turn detector)",
  ),
  max_utterance_ms: z.number().min(1000).max(600_000).describe("longest utterance"),
}).meta({ id: "TurnTaking" });

/** Every setting of turn-taking. */
export type TurnTaking = z.output<typeof turnTaking>;
