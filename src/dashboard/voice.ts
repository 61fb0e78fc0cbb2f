/** A session as this browser takes part in it: what it hears and says, and through which devices. */
import { signal } from "@preact/signals";
import { ParleyClient } from "../protocol/generated/client.ts";
import { openMicrophone, type SoundInput } from "./sound_input.ts";
import { SoundOutput } from "./sound_output.ts";
import { follow, type Store } from "./store.ts";
import { Waveform } from "./waveform.ts";

/** Whose microphone and loudspeaker: the machine's that the server runs on, or the browser's. */
export type Place = "machine" | "browser";

/** The highest rate that the server takes. */
const HIGHEST_RATE_HZ = 48_000;

/** Connected to a session until closed. */
export class Voice {
  readonly client: ParleyClient;
  readonly place: Place;
  /** How loud the user and the assistant have just been. */
  readonly waveform = new Waveform();
  /** Why the browser's microphone cannot be heard; empty while it can. */
  readonly problem = signal("");
  readonly #store: Store;
  readonly #unfollow: () => void;
  #context: AudioContext | undefined;
  #output: SoundOutput | undefined;
  #input: Promise<SoundInput | undefined> | undefined;
  /** The server knows that sound comes. */
  #isAnnounced = false;

  constructor(place: Place, store: Store) {
    this.place = place;
    this.#store = store;
    const token = new URLSearchParams(location.search).get("token");
    this.client = new ParleyClient({
      url: location.origin,
      session: place === "machine" ? "local" : browserSession(),
      ...(token !== null && { token }),
    });
    this.#unfollow = follow(this.client, store);
    this.client.send("subscribe", { audio: true }).catch(() => {});
    this.client.on("sound", (sound) => {
      this.waveform.add("assistant", sound.samples);
      this.#output?.play(sound);
    });
    this.client.on("state", (state) => {
      if (state === "waiting") this.#restartInput();
    });
    this.client.on("event", (event) => {
      if (event.type === "voice_speaking" && event.data.source === "user") {
        this.waveform.speaking = event.data.speaking;
      }
      // Of its own microphone the browser knows more, and sooner.
      if (event.type === "voice_level" && place === "machine") {
        for (const level of event.data.levels) this.waveform.addLevel("user", level);
      }
      if (event.type === "tts_result" && event.data.interrupted) this.#output?.cut();
    });
  }

  /** Begins to listen. In the browser this asks for its microphone, so it follows a click or a key. */
  async listen(mode: "push_to_talk" | "continuous"): Promise<void> {
    if (this.place === "browser" && !await this.#openInput()) return;
    await this.#do(this.client.send("stt_start", { mode }));
  }

  /** The utterance is complete, or listening is over. */
  async stopListening(): Promise<void> {
    await this.#do(this.client.send("stt_stop"));
  }

  /** A typed turn, answered like a spoken one. */
  async say(text: string): Promise<void> {
    this.#wake();
    await this.#do(this.client.send("message", { text }));
  }

  /** The assistant says this. */
  async speak(text: string): Promise<void> {
    this.#wake();
    await this.#do(this.client.send("say", { text }));
  }

  /** Stops the assistant, here at once. */
  async interrupt(): Promise<void> {
    this.#output?.cut();
    await this.#do(this.client.send("interrupt"));
  }

  async mute(muted: boolean): Promise<void> {
    await this.#do(this.client.send(muted ? "voice_mute" : "voice_unmute"));
  }

  async demo(): Promise<void> {
    this.#wake();
    await this.#do(this.client.send("demo_flow"));
  }

  close(): void {
    this.#unfollow();
    this.client.close();
    this.#closeInput();
    this.#context?.close();
  }

  /** A browser plays nothing before the user has done something. */
  #wake(): AudioContext | undefined {
    if (this.place === "machine") return undefined; // It speaks through the machine's loudspeaker.
    this.#context ??= newContext();
    this.#context.resume();
    this.#output ??= new SoundOutput(this.#context);
    return this.#context;
  }

  #openInput(): Promise<SoundInput | undefined> {
    const context = this.#wake()!;
    return this.#input ??= (async () => {
      try {
        const input = await openMicrophone(context, (samples) => {
          this.waveform.add("user", samples);
          if (this.#isAnnounced) this.client.sendSound(samples);
        });
        await this.#announce(input);
        this.problem.value = "";
        return input;
      } catch (error) {
        this.#input = undefined;
        this.problem.value = `The browser's microphone cannot be used: ${
          error instanceof Error ? error.message : error
        }`;
        return undefined;
      }
    })();
  }

  /** The server forgets with a connection whose microphone it was. */
  #restartInput(): void {
    this.#isAnnounced = false;
    this.#input?.then((input) => input && this.#announce(input)).catch(() => {});
  }

  async #announce({ sampleRate }: SoundInput): Promise<void> {
    await this.client.send("audio_start", { sample_rate: sampleRate, format: "pcm16" });
    this.#isAnnounced = true;
  }

  #closeInput(): void {
    this.#input?.then((input) => input?.close());
    this.#input = undefined;
  }

  async #do(work: Promise<unknown>): Promise<void> {
    try {
      await work;
      this.#store.notice.value = "";
    } catch (error) {
      this.#store.notice.value = error instanceof Error ? error.message : `${error}`;
    }
  }
}

function newContext(): AudioContext {
  const context = new AudioContext({ latencyHint: "interactive" });
  if (context.sampleRate <= HIGHEST_RATE_HZ) return context;
  context.close();
  return new AudioContext({ latencyHint: "interactive", sampleRate: HIGHEST_RATE_HZ });
}

/** A session of this tab's own, the same after a reload. */
function browserSession(): string {
  const known = sessionStorage.getItem("session") ?? `browser-${crypto.randomUUID().slice(0, 8)}`;
  sessionStorage.setItem("session", known);
  return known;
}
