/** The state machine of a session: who is speaking, which turn is under way, and what was said before. */
import { answer, type AnswerOptions, say } from "./answer.ts";
import type { ConversationOptions, ConversationSettings } from "./conversation_options.ts";
import type { EngineLease, Message } from "./engines.ts";
import { ParleyError } from "./errors.ts";
import type {
  AbortReason,
  ConversationState,
  Fact,
  ListeningMode,
  TurnEndReason,
  TurnSource,
} from "./events.ts";
import { History, type HistoryEntry } from "./history.ts";
import { Listening, type ListeningEvent } from "./listening.ts";
import { type Prepared, Speculation } from "./speculation.ts";
import { transcribe } from "./stages/stt.ts";
import { Telling } from "./telling.ts";
import { type FactSink, Turn, type TurnId } from "./turn.ts";
import { Utterance } from "./utterance.ts";

/** The turn under way. */
interface Running {
  readonly turn: Turn;
  /** The user's side is complete: the assistant thinks or speaks. */
  answering: boolean;
  readonly done: Promise<void>;
}

/** How a turn begins. */
interface Beginning {
  readonly source: TurnSource;
  /** Why the turn before it, if any, ends. */
  readonly reason: AbortReason;
  readonly startMs?: number;
}

/** What a turn does, with the engines it keeps to its end. */
type TurnBody = (turn: Turn, engines: EngineLease) => Promise<TurnEndReason>;

/** What a spoken turn works with. */
interface Spoken {
  readonly utterance: Utterance;
  readonly mode: ListeningMode;
  readonly engines: EngineLease;
}

const TYPED: Beginning = { source: "text", reason: "superseded" };

/** One person talking with the assistant. At most one turn is under way; a new one ends the one before. */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #listening: Listening;
  readonly #history = new History();
  readonly #telling: Telling;
  #settings: ConversationSettings;
  #mode: ListeningMode | undefined;
  #source: TurnSource = "voice";
  #utterance: Utterance | undefined;
  #running: Running | undefined;
  #speaking = false;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.#telling = new Telling(options);
    const { microphone, engines, settings, signal } = options;
    this.#settings = settings;
    this.#listening = new Listening({ microphone, engines, settings: settings.endpointing, signal });
  }

  /** Listens until the session's signal aborts or the microphone has no more; then waits for the last turn. */
  async run(): Promise<void> {
    this.#tellState();
    try {
      for await (const event of this.#listening.events()) this.#hear(event);
      this.endUtterance();
    } catch (error) {
      if (!this.#options.signal.aborted) this.#telling.error(error);
    } finally {
      await this.settled();
    }
  }

  /** Resolves when no turn is under way. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running.done;
  }

  get mode(): ListeningMode | undefined {
    return this.#mode;
  }

  get state(): ConversationState {
    if (this.#speaking) return "speaking";
    if (this.#running?.answering) return "thinking";
    return this.#mode || this.#utterance ? "listening" : "idle";
  }

  get muted(): boolean {
    return this.#listening.muted;
  }

  get settings(): ConversationSettings {
    return this.#settings;
  }

  /** Holds from the next utterance and the next answer on. A voice that the engine has not got is its usual one. */
  configure(settings: ConversationSettings): void {
    this.#settings = settings;
    this.#listening.configure(settings.endpointing);
  }

  /** Everything said so far, oldest first. */
  get history(): readonly HistoryEntry[] {
    return this.#history.entries;
  }

  /** What the language model would read before the user's next words. */
  get prompt(): readonly Message[] {
    return [{ role: "system", content: this.#settings.systemPrompt }, ...this.#history.messages];
  }

  /** Forgets everything said so far; `entries` was said instead. A turn under way is not touched. */
  restartHistory(entries: readonly HistoryEntry[] = []): void {
    this.#history.restart(entries);
  }

  /** Begins to listen. In push-to-talk the utterance begins now; a speaking assistant falls silent. Idempotent. */
  startListening(mode: ListeningMode, source: TurnSource = "voice"): void {
    if (this.#mode === mode && this.#source === source) return;
    this.#utterance?.turn.abort("superseded");
    this.#utterance = undefined;
    this.#mode = mode;
    this.#source = source;
    this.#listening.reset();
    this.#listening.active = true;
    this.#listening.endsTurns = mode === "continuous";
    if (mode === "push_to_talk") this.#openTurn(this.#options.clock.now());
    this.#tellState();
  }

  /** Push-to-talk: the utterance is complete and is answered. Continuous: stops listening. Idempotent. */
  stopListening(): void {
    if (this.#mode === "continuous") this.#utterance?.turn.abort("command");
    this.#mode = undefined;
    this.#listening.active = false;
    this.endUtterance();
  }

  /** Ends the utterance being heard, as silence would; needed when the microphone is lost in its middle. */
  endUtterance(speechEndMs?: number): void {
    this.#listening.reset();
    this.#telling.voice(false, speechEndMs ?? this.#options.clock.now());
    if (this.#running && this.#running.turn === this.#utterance?.turn) this.#running.answering = true;
    this.#utterance?.end(speechEndMs);
    this.#utterance = undefined;
    this.#tellState();
  }

  /** While muted the microphone hears silence. */
  mute(muted: boolean): void {
    this.#listening.muted = muted;
    this.#tellState();
  }

  /** A typed turn, answered like a spoken one. */
  message(text: string): TurnId {
    return this.#begin(TYPED, (turn, engines) => this.#answerTo(text, turn, engines)).id;
  }

  /** Speaks `text` as it is, without the language model. Throws `NOT_FOUND` for an unknown voice. */
  say(text: string, voice?: string): TurnId {
    this.#requireVoice(voice);
    return this.#begin(TYPED, async (turn, engines) => {
      await this.#speak(text, turn, this.#answerOptions(engines, voice));
      return "completed";
    }).id;
  }

  /** Stops speaking and thinking now. Returns the turn it ended, if there was one. */
  interrupt(): TurnId | undefined {
    const running = this.#running;
    running?.turn.abort("command");
    if (this.#utterance && this.#utterance.turn === running?.turn) this.#utterance = undefined;
    return running?.turn.id;
  }

  #hear(event: ListeningEvent): void {
    switch (event.type) {
      case "frame": {
        this.#utterance?.push(event.frame);
        this.#telling.level(event.frame);
        return;
      }
      case "start":
        this.#telling.voice(true, event.speechStartMs);
        if (this.#mode === "continuous") this.#openTurn(event.speechStartMs);
        return;
      case "pause":
        this.#telling.voice(false, event.speechEndMs);
        this.#utterance?.pause(event.speechEndMs);
        return;
      case "resume":
        this.#telling.voice(true, this.#options.clock.now());
        this.#utterance?.resume();
        return;
      case "judged":
        this.#utterance?.turn.emit({ type: "turn.progress", completion: event.completion });
        return;
      case "end":
        if (this.#mode === "continuous") this.endUtterance(event.speechEndMs);
        return;
      case "vad_error":
        this.#telling.error(event.error);
    }
  }

  /** The user speaks: whatever the assistant was doing gives way. */
  #openTurn(startMs: number): void {
    const recent = this.#listening.recent(startMs);
    const mode = this.#mode ?? "push_to_talk";
    const beginning = { source: this.#source, reason: "barge_in", startMs } as const;
    const turn = this.#begin(
      beginning,
      (turn, engines) => this.#converse(turn, { utterance, mode, engines }),
    );
    const utterance = new Utterance(turn, recent[0]?.startMs ?? startMs);
    for (const frame of recent) utterance.push(frame);
    this.#utterance = utterance;
  }

  /** A spoken turn: transcribe while it is heard, prepare in its pauses, answer when it is complete. */
  async #converse(turn: Turn, { utterance, mode, engines }: Spoken): Promise<TurnEndReason> {
    const speculation = new Speculation((text) => this.#prepare(text, turn, engines));
    utterance.follow(speculation);
    try {
      const { stt } = engines;
      const { language } = this.#settings;
      let text = "";
      let doubtful = false;
      for await (
        const transcript of transcribe(utterance.audio, turn, { stt, mode, ...(language && { language }) })
      ) {
        if (transcript.final) ({ text, doubtful = false } = transcript);
        else {
          speculation.heard(transcript);
          if (utterance === this.#utterance) this.#listening.understood(utterance.understood(transcript));
        }
      }
      text = text.trim();
      if (!text) return "no_speech";
      this.#settleUser(text, turn);
      if (doubtful && this.#settings.sorry) await this.#askAgain(text, turn, engines);
      else await speculation.settle(text).done;
      return "completed";
    } finally {
      await speculation.stop();
    }
  }

  /** What was heard is shown, and not acted upon. */
  async #askAgain(heard: string, turn: Turn, engines: EngineLease): Promise<void> {
    this.#history.add({ role: "user", content: heard });
    await this.#speak(this.#settings.sorry!, turn, this.#answerOptions(engines));
  }

  async #speak(text: string, turn: Turn, options: AnswerOptions): Promise<void> {
    using attempt = turn.attempt();
    attempt.commit();
    await say(once(text), attempt, options);
  }

  async #answerTo(text: string, turn: Turn, engines: EngineLease): Promise<TurnEndReason> {
    this.#settleUser(text, turn);
    const prepared = this.#prepare(text, turn, engines);
    using attempt = prepared.attempt;
    attempt.commit();
    await prepared.done;
    return "completed";
  }

  /** What the user said is certain: it goes into the history and the assistant takes over. */
  #settleUser(text: string, turn: Turn): void {
    if (this.#running?.turn === turn) this.#running.answering = true;
    turn.emit({ type: "message", role: "user", text });
    this.#tellState();
  }

  #prepare(text: string, turn: Turn, engines: EngineLease): Prepared {
    const user: Message = { role: "user", content: text };
    const messages: Message[] = [...this.prompt, user];
    const known = messages.length;
    const attempt = turn.attempt();
    let committed = false;
    attempt.committed.then(() => {
      committed = true;
      this.#history.add(user);
    }, () => {});
    const done = answer(messages, attempt, this.#answerOptions(engines)).finally(() => {
      // What tools did, they did, whether or not the answer was heard to its end.
      if (committed) this.#history.add(...messages.slice(known));
    });
    return { text, attempt, done };
  }

  /** The chosen voice may be one that an engine had which has been exchanged since: then its usual one speaks. */
  #answerOptions({ llm, tts }: EngineLease, chosen = this.#settings.voice): AnswerOptions {
    const voice = tts.voices.find((name) => name === chosen);
    return {
      llm,
      tts,
      tools: this.#settings.tools,
      loudspeaker: this.#options.loudspeaker,
      ...(voice && { voice }),
    };
  }

  /** Starts a turn as soon as the one before, which it ends, has fallen silent. */
  #begin({ source, reason, startMs }: Beginning, body: TurnBody): Turn {
    const { clock, signal } = this.#options;
    signal.throwIfAborted();
    const before = this.#running;
    before?.turn.abort(reason);
    if (this.#utterance && this.#utterance.turn === before?.turn) this.#utterance = undefined;
    const sink: FactSink = (fact, at) => this.#onFact(fact, at);
    const turn = new Turn({ source, parent: signal, clock, sink, ...(startMs !== undefined && { startMs }) });
    const done = Promise.resolve(before?.done).then(() => this.#run(turn, body));
    this.#running = { turn, answering: false, done };
    return turn;
  }

  async #run(turn: Turn, body: TurnBody): Promise<void> {
    turn.start();
    let reason: TurnEndReason;
    try {
      turn.signal.throwIfAborted();
      using engines = this.#options.engines.lease();
      reason = await body(turn, engines);
    } catch (error) {
      reason = turn.signal.aborted ? this.#abortedReason(turn) : this.#failedReason(turn, error);
    }
    this.#settleAssistant(turn);
    if (this.#running?.turn === turn) this.#running = undefined;
    if (this.#utterance?.turn === turn) this.#utterance = undefined;
    turn.end(reason);
    this.#tellState();
  }

  /** The history holds what was truly heard, no more: playback alone knows. */
  #settleAssistant(turn: Turn): void {
    for (const { fact } of turn.facts) {
      if (fact.type !== "playback.end" || !fact.spokenText) continue;
      this.#history.add({ role: "assistant", content: fact.spokenText });
      turn.emit({ type: "message", role: "assistant", text: fact.spokenText });
      return;
    }
  }

  #abortedReason(turn: Turn): TurnEndReason {
    const begun = turn.facts.some(({ fact }) => fact.type === "message" || fact.type === "tts.start");
    return begun ? "interrupted" : "cancelled";
  }

  #failedReason(turn: Turn, error: unknown): TurnEndReason {
    const told = turn.facts.some(({ fact }) => fact.type === "stage.error");
    // A lost device is told once, by whoever watches the devices.
    if (!told && !(error instanceof ParleyError && error.code === "DEVICE_ERROR")) this.#telling.error(error);
    return "error";
  }

  #onFact(fact: Fact, at: Parameters<FactSink>[1]): void {
    this.#options.sink(fact, at);
    if (fact.type !== "voice.activity" || fact.source !== "assistant") return;
    this.#speaking = fact.speaking;
    // What is left of the turn is only telling of it.
    if (!fact.speaking && this.#running) this.#running.answering = false;
    this.#tellState();
  }

  #requireVoice(voice: string | undefined): void {
    const { voices } = this.#options.engines.current.tts;
    if (voice === undefined || voices.includes(voice)) return;
    throw new ParleyError("NOT_FOUND", `There is no voice "${voice}"; there are ${voices.join(", ")}.`);
  }

  #tellState(): void {
    this.#telling.state(this.state, this.muted);
  }
}

async function* once(text: string): AsyncIterable<string> {
  yield text;
}
