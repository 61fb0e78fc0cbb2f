/** A whole conversation on fakes: say something, let time pass, look at the facts. */
import { Conversation } from "../../pipeline/conversation.ts";
import type { Fact } from "../../pipeline/events.ts";
import type { Toolbox } from "../../pipeline/tools.ts";
import type { TimedFact, TurnId } from "../../pipeline/turn.ts";
import { FakeClock, settle } from "./fake_clock.ts";
import { FakeLoudspeaker, FakeMicrophone } from "./fake_devices.ts";
import { fakeEngines, type FakeScript, fixedPool } from "./fake_engines.ts";

export const ENDPOINTING = {
  speechThreshold: 0.5,
  silenceThreshold: 0.35,
  minSpeechMs: 96,
  pauseMs: 160,
  endpointMs: 400,
  unfinishedMs: 1200,
  maxUtteranceMs: 60_000,
};

/** A fact of a test's conversation. */
export type Told = TimedFact & { readonly turnId?: TurnId };

/** What {@linkcode talk} gives a test. Disposing ends the session and waits for it. */
export interface Talk extends AsyncDisposable {
  readonly clock: FakeClock;
  readonly microphone: FakeMicrophone;
  readonly loudspeaker: FakeLoudspeaker;
  readonly conversation: Conversation;
  readonly facts: Told[];
  /** The types of the facts told so far, progress left out, repeats of `status` and voice activity too. */
  types(): string[];
  /** All facts of one type. */
  all<T extends Fact["type"]>(type: T): Extract<Fact, { type: T }>[];
  readonly session: AbortController;
}

/** What a test may change. */
export interface TalkOptions extends FakeScript {
  readonly tools?: Toolbox;
  /** Called with every fact, at once. */
  readonly onFact?: (told: Told, talk: Talk) => void;
}

/** Starts a conversation whose clock, devices and engines are fakes. */
export function talk({ tools = new Map(), onFact, ...script }: TalkOptions = {}): Talk {
  const clock = new FakeClock();
  const microphone = new FakeMicrophone(clock);
  const loudspeaker = new FakeLoudspeaker(clock);
  const session = new AbortController();
  const facts: Told[] = [];
  const conversation = new Conversation({
    engines: fixedPool(fakeEngines(script)),
    microphone,
    loudspeaker,
    clock,
    settings: { tools, endpointing: ENDPOINTING, systemPrompt: "You are a test." },
    sink: (fact, at) => {
      const told = { fact, ...at };
      facts.push(told);
      onFact?.(told, result);
    },
    signal: session.signal,
  });
  const result: Talk = {
    clock,
    microphone,
    loudspeaker,
    conversation,
    facts,
    session,
    types: () =>
      facts.map(({ fact }) => fact.type).filter((type) =>
        !type.endsWith(".progress") && type !== "status" && !type.startsWith("voice.") &&
        type !== "trace.mark"
      ),
    all: (type) => facts.flatMap(({ fact }) => fact.type === type ? [fact as never] : []),
    async [Symbol.asyncDispose]() {
      session.abort("session_closed");
      microphone.end();
      await settle();
      await running;
    },
  };
  const running = conversation.run();
  return result;
}
