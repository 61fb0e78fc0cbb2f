/** Speech-to-text on a Wyoming server: faster-whisper, Vosk, sherpa-onnx and others, here or on another machine. */
import { z } from "zod";
import { type AudioFrame, samplesToPcm16 } from "../../../pipeline/audio.ts";
import {
  type CallOptions,
  LISTENING_RATE_HZ,
  type SpeechToText,
  type Transcript,
} from "../../../pipeline/engines.ts";
import { ParleyError } from "../../../pipeline/errors.ts";
import { defineEngine } from "../../engine_spec.ts";
import { heard, untilAborted, withoutRegion } from "../remote/heard.ts";
import { addressOptions, describe, placeOf, WyomingConnection } from "../remote/wyoming.ts";
import type { WyomingRequests } from "../remote/wyoming_messages.ts";

const options = z.strictObject({
  ...addressOptions(10_300),
  /** Model, where the server has several. */
  name: z.string().min(1).optional(),
  /** Language of calls that name none, where the server knows several. */
  language: z.string().min(1).optional(),
});

type Options = z.output<typeof options>;

const FORMAT = { rate: LISTENING_RATE_HZ, width: 2, channels: 1 };
/** Nobody says more in one utterance. */
const MAX_TEXT_CHARS = 100_000;

/** The engine. */
export const wyoming = defineEngine({
  task: "stt",
  options,
  runs: "inline",
  async load(settings, call): Promise<SpeechToText> {
    const { asr } = await describe(settings, call);
    if (!asr?.length) {
      const place = placeOf(settings);
      throw new ParleyError(
        "MODEL_ERROR",
        `The Wyoming server at ${place} offers no speech-to-text: set host and port to one that does.`,
        { recoverable: false },
      );
    }
    const languages = asr.flatMap(({ models }) => models ?? []).flatMap(({ languages }) => languages ?? []);
    return {
      transcribe(audio, { signal, language = settings.language }) {
        const call = { signal, language: language && inServersWords(language, languages) };
        return untilAborted(transcribe(audio, settings, call), signal);
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  },
});

/** Whisper's servers know "en" alone and fail where "en-US" is asked for, others "en-US" alone. */
function inServersWords(tag: string, known: readonly string[]): string {
  const plain = (language: string) => language.toLowerCase().replaceAll("_", "-");
  return known.find((language) => plain(language) === plain(tag)) ??
    known.find((language) => plain(language) === withoutRegion(tag)) ?? tag;
}

async function* transcribe(
  audio: AsyncIterable<AudioFrame>,
  settings: Options,
  { signal, language }: CallOptions & { readonly language: string | undefined },
): AsyncIterable<Transcript> {
  const channel = heard(audio, signal);
  try {
    const frames = channel[Symbol.asyncIterator]();
    const first = await frames.next();
    if (first.done) {
      yield { text: "", stableChars: 0, final: true, audioMs: 0 };
      return;
    }
    using server = await WyomingConnection.open(settings, { signal });
    const sending = new Sending(server, { name: settings.name, language });
    const sent = sending.send(first, frames);
    sent.catch((error) => server.fail(error));
    let text = "";
    for (let final = false; !final;) {
      const message = await server.receive({ patient: !sending.finished });
      if (message.type === "transcript-chunk") text += message.data.text;
      else if (message.type === "transcript") text = message.data.text.trim();
      else if (message.type !== "transcript-stop") continue;
      if (text.length > MAX_TEXT_CHARS) throw tooMuch(settings);
      final = message.type !== "transcript-chunk";
      // Servers that look for the end of speech themselves may be done before the speaker is.
      if (!final || !sending.finished) {
        yield { text, stableChars: 0, final: false, audioMs: sending.audioMs };
      }
    }
    sending.enough = true;
    await sent;
    yield { text, stableChars: text.length, final: true, audioMs: sending.audioMs };
  } finally {
    channel.close();
  }
}

/** The way of one utterance's sound to the server. */
class Sending {
  readonly #server: WyomingConnection;
  readonly #request: WyomingRequests["transcribe"];
  #samples = 0;
  #finished = false;
  /** The server needs no more; what else is heard is only counted. */
  enough = false;

  constructor(server: WyomingConnection, request: WyomingRequests["transcribe"]) {
    this.#server = server;
    this.#request = request;
  }

  /** How much has been heard. */
  get audioMs(): number {
    return this.#samples * 1000 / LISTENING_RATE_HZ;
  }

  /** All has been sent, so that the server should answer now. */
  get finished(): boolean {
    return this.#finished;
  }

  /** Sends everything. Rejects only with what the sound itself does: whoever receives learns the rest. */
  async send(first: IteratorResult<AudioFrame>, frames: AsyncIterator<AudioFrame>): Promise<void> {
    await this.#tell("transcribe", this.#request);
    await this.#tell("audio-start", FORMAT);
    for (let next = first; !next.done; next = await frames.next()) {
      const { samples } = next.value;
      await this.#tell("audio-chunk", FORMAT, samplesToPcm16(samples));
      this.#samples += samples.length;
    }
    await this.#tell("audio-stop", {});
    this.#finished = true;
    this.#server.expectAnswer();
  }

  async #tell<K extends keyof WyomingRequests>(type: K, data: WyomingRequests[K], payload?: Uint8Array) {
    if (this.enough) return;
    await this.#server.send(type, data, payload).catch(() => {
      this.enough = true; // What it said before it left can still be read.
    });
  }
}

function tooMuch(settings: Options): ParleyError {
  const place = placeOf(settings);
  return new ParleyError("MODEL_ERROR", `The Wyoming server at ${place} gives text without end: restart it.`);
}
