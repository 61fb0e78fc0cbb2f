/** macOS and Windows, through node-web-audio-api: the Web Audio of browsers on the system's own devices. */
import type { AudioFrame, Microphone } from "../../pipeline/audio.ts";
import { channel } from "../../pipeline/channel.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import type { AudioBackend, DeviceInfo } from "./device.ts";
import { PacedPlayback } from "./null.ts";

type Library = typeof import("node-web-audio-api");

/** Samples that the library hands over at a time: 16 ms at 16 kHz. */
const BLOCK_SAMPLES = 256;
/** Sound that may wait to be taken; what comes after is lost, and the frame after that says so. */
const QUEUE_FRAMES = 128;

/** The backend. The library is loaded when it is first used: its native part is not on every machine. */
export function webAudioBackend({ clock }: { readonly clock: Clock }): AudioBackend {
  return {
    name: "Web Audio",
    async devices() {
      const { mediaDevices } = await load();
      const all = await mediaDevices.enumerateDevices();
      const ofKind = (kind: string): DeviceInfo[] =>
        all.filter((device) => device.kind === kind).map(({ deviceId, label }, index) => (
          { id: deviceId, name: label, isDefault: index === 0 }
        ));
      return { inputs: ofKind("audioinput"), outputs: ofKind("audiooutput") };
    },
    microphone: (id) => webMicrophone(clock, id),
    loudspeaker: (id) => ({
      async open({ signal, sampleRateHz }) {
        const { AudioContext } = await load();
        const context = new AudioContext({
          sampleRate: sampleRateHz,
          latencyHint: "interactive",
          ...(id && { sinkId: id }),
        });
        return new WebPlayback(context, { clock, signal });
      },
    }),
  };
}

async function load(): Promise<Library> {
  try {
    return await import("node-web-audio-api");
  } catch (cause) {
    throw new ParleyError("DEVICE_ERROR", "Web Audio is not available on this machine.", { cause });
  }
}

function webMicrophone(clock: Clock, id?: string): Microphone {
  return {
    async *open({ signal, sampleRateHz }): AsyncIterable<AudioFrame> {
      const { AudioContext, mediaDevices } = await load();
      signal.throwIfAborted();
      const stream = await mediaDevices.getUserMedia({ audio: id === undefined ? true : { deviceId: id } });
      const context = new AudioContext({ sampleRate: sampleRateHz, latencyHint: "interactive" });
      const frames = channel<AudioFrame>({ capacity: QUEUE_FRAMES, signal });
      let lost = false;
      const processor = context.createScriptProcessor(BLOCK_SAMPLES, 1, 1);
      processor.onaudioprocess = ({ inputBuffer }) => {
        const samples = inputBuffer.getChannelData(0).slice();
        const startMs = clock.now() - samples.length * 1000 / sampleRateHz;
        lost = !frames.trySend({ samples, sampleRateHz, startMs, gap: lost });
      };
      context.createMediaStreamSource(stream).connect(processor);
      processor.connect(context.destination);
      try {
        yield* frames;
      } finally {
        // The library's streams cannot be stopped; they end with the context that they are connected to.
        await context.close();
      }
    },
  };
}

/** Plays by scheduling each stretch of sound right after the one before. */
class WebPlayback extends PacedPlayback {
  readonly #context: InstanceType<Library["AudioContext"]>;
  #closed: Promise<void> | undefined;

  constructor(
    context: InstanceType<Library["AudioContext"]>,
    options: { readonly clock: Clock; readonly signal: AbortSignal },
  ) {
    let endsAtSeconds = 0;
    super({
      ...options,
      latencyMs: (context.baseLatency + context.outputLatency) * 1000,
      sink(samples) {
        const buffer = context.createBuffer(1, samples.length, context.sampleRate);
        buffer.copyToChannel(samples.slice(), 0);
        const source = context.createBufferSource();
        source.buffer = buffer;
        source.connect(context.destination);
        const startsAtSeconds = Math.max(endsAtSeconds, context.currentTime);
        source.start(startsAtSeconds);
        endsAtSeconds = startsAtSeconds + buffer.duration;
      },
    });
    this.#context = context;
  }

  override async drain(): Promise<void> {
    await super.drain();
    await this.#close();
  }

  override async cut(): Promise<{ heardMs: number }> {
    const heard = await super.cut();
    await this.#close();
    return heard;
  }

  #close(): Promise<void> {
    return this.#closed ??= this.#context.close();
  }
}
