/** The engines there are. A new one is a file under `engines/` and a line here. */
import type { Registry } from "./engine_spec.ts";
import { aiSdk } from "./engines/llm/ai_sdk.ts";
import { transformers } from "./engines/llm/transformers.ts";
import { ctc } from "./engines/stt/ctc.ts";
import { moonshine } from "./engines/stt/moonshine.ts";
import { openai as openaiStt } from "./engines/stt/openai.ts";
import { whisper } from "./engines/stt/whisper.ts";
import { wyoming as wyomingStt } from "./engines/stt/wyoming.ts";
import { flite } from "./engines/tts/flite.ts";
import { kokoro } from "./engines/tts/kokoro.ts";
import { openai as openaiTts } from "./engines/tts/openai.ts";
import { piper } from "./engines/tts/piper.ts";
import { supertonic } from "./engines/tts/supertonic.ts";
import { vits } from "./engines/tts/vits.ts";
import { wyoming as wyomingTts } from "./engines/tts/wyoming.ts";
import { silence } from "./engines/turn/silence.ts";
import { smartTurn } from "./engines/turn/smart_turn.ts";
import { wordTurn } from "./engines/turn/word_turn.ts";
import { silero } from "./engines/vad/silero.ts";

/** Every engine by task and name. Importing it loads none of them, nor the runtimes they need. */
export const REGISTRY = {
  vad: { silero },
  turn: { silence, smart_turn: smartTurn, word_turn: wordTurn },
  stt: { ctc, whisper, moonshine, wyoming: wyomingStt, openai: openaiStt },
  llm: { transformers, ai_sdk: aiSdk },
  tts: { flite, kokoro, piper, vits, supertonic, wyoming: wyomingTts, openai: openaiTts },
} as const satisfies Registry;
