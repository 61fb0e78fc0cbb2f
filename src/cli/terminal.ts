/** What a person at the terminal sees: states, transcripts and answers as they happen. */
import type { Fact, LatencyTrace, MarkName } from "../../pipeline/events.ts";

/** Where lines go. */
export interface Screen {
  write(text: string): void;
  /** Whether a line can be rewritten in place and coloured. */
  readonly interactive: boolean;
}

/** The process's standard output. */
export function standardScreen(): Screen {
  const encoder = new TextEncoder();
  return {
    write: (text) => void Deno.stdout.writeSync(encoder.encode(text)),
    interactive: Deno.stdout.isTerminal() && !Deno.env.has("NO_COLOR"),
  };
}

const STYLES = { dim: 2, bold: 1, red: 31, green: 32, yellow: 33, cyan: 36 } as const;

/** Writes facts as a person reads them: finished lines stay, the line being said is rewritten in place. */
export class Terminal {
  readonly #screen: Screen;
  #live = "";
  #answer = "";

  constructor(screen: Screen) {
    this.#screen = screen;
  }

  /** A line that stays. */
  line(text = ""): void {
    this.#clear();
    this.#screen.write(`${text}\n`);
    this.#draw();
  }

  /** Shows one fact, if a person would want to know. */
  show(fact: Fact): void {
    switch (fact.type) {
      case "status":
        return this.#setLive(this.#style("dim", fact.muted ? `${fact.state} (muted)` : fact.state));
      case "stt.progress":
        return this.#setLive(`${this.#speaker("you")}${this.#style("dim", fact.text)}`);
      case "message":
        this.#setLive("");
        if (fact.role === "user") return this.line(this.#speaker("you") + fact.text);
        this.#answer = "";
        return this.line(this.#speaker("parley") + fact.text);
      case "llm.progress":
        this.#answer += fact.delta;
        return this.#setLive(this.#speaker("parley") + this.#style("dim", this.#answer));
      case "tool.call":
        this.#answer = "";
        return this.line(this.#note(`${fact.name} ${JSON.stringify(fact.args)}`));
      case "tool.result":
        return this.line(this.#note(`→ ${JSON.stringify(fact.result)}`));
      case "tool.error":
        return this.line(this.#note(`→ ${fact.message}`));
      case "playback.end":
        if (fact.interrupted) this.line(this.#note("interrupted"));
        return;
      case "latency.trace":
        return this.line(this.#note(latencyLine(fact.trace)));
      case "turn.end":
        this.#answer = "";
        if (fact.reason === "no_speech") this.line(this.#note("heard no words"));
        return;
      case "stage.error":
      case "error":
        return this.line(this.#style("red", `${fact.code} `) + fact.message);
    }
  }

  /** Removes the line being rewritten, so that what is written next starts clean. */
  end(): void {
    this.#setLive("");
  }

  #speaker(who: "you" | "parley"): string {
    return this.#style(who === "you" ? "cyan" : "green", who.padStart(7)) + "  ";
  }

  #note(text: string): string {
    return " ".repeat(9) + this.#style("dim", text);
  }

  #style(style: keyof typeof STYLES, text: string): string {
    return this.#screen.interactive ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
  }

  #setLive(text: string): void {
    this.#clear();
    this.#live = text;
    this.#draw();
  }

  #clear(): void {
    if (this.#screen.interactive && this.#live) this.#screen.write("\r\x1b[K");
  }

  #draw(): void {
    if (!this.#screen.interactive || !this.#live) return;
    // Wider than the window it would wrap, and only its last row could be rewritten.
    const width = Deno.stdout.isTerminal() ? Deno.consoleSize().columns : 80;
    this.#screen.write(clip(this.#live, width - 1));
  }
}

/** What of a trace a person is told, by the names of the table that the demo prints. */
export const LATENCY_STEPS = {
  endpoint: "endpoint",
  stt_final: "transcript",
  llm_first_token: "first token",
  tts_first_audio: "first audio",
  playback_start: "sound",
} as const satisfies Partial<Record<MarkName, string>>;

/**
 * The latency of a turn in one line, in milliseconds after the user's last sound, or after a typed turn's start. A
 * first token before the endpoint belongs to an answer that was prepared in the pause.
 */
export function latencyLine({ voiceToVoiceMs, marks }: LatencyTrace): string {
  const fromMs = marks.speech_end ?? 0;
  const steps = (Object.keys(LATENCY_STEPS) as (keyof typeof LATENCY_STEPS)[])
    .filter((mark) => mark !== "playback_start" || voiceToVoiceMs === undefined)
    .toSorted((a, b) => (marks[a] ?? 0) - (marks[b] ?? 0))
    .flatMap((mark) =>
      marks[mark] === undefined ? [] : [`${LATENCY_STEPS[mark]} ${(marks[mark] - fromMs).toFixed(0)}`]
    );
  const whole = voiceToVoiceMs === undefined ? "" : `${voiceToVoiceMs.toFixed(0)} ms voice to voice: `;
  return whole + steps.join(" · ");
}

/** The first `width` visible characters; escape sequences take no room. */
function clip(text: string, width: number): string {
  let visible = 0;
  let out = "";
  // deno-lint-ignore no-control-regex
  for (const part of text.match(/\x1b\[\d+m|[\s\S]/gu) ?? []) {
    if (!part.startsWith("\x1b") && ++visible > width) continue;
    out += part;
  }
  return out;
}
