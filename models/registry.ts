/** The engines there are. A new one is a file under `engines/` and a line here. */
import type { Registry } from "./engine_spec.ts";
import { aiSdk } from "./engines/llm/ai_sdk.ts";
import { transformers } from "./engines/llm/transformers.ts";
import { ctc } from "./engines/stt/ctc.ts";
import { flite } from "./engines/tts/flite.ts";
import { silero } from "./engines/vad/silero.ts";

/** Every engine by task and name. Importing it loads none of them, nor the runtimes they need. */
export const REGISTRY = {
  vad: { silero },
  stt: { ctc },
  llm: { transformers, ai_sdk: aiSdk },
  tts: { flite },
} as const satisfies Registry;
