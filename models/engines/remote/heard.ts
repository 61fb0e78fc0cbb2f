/** The sound of an utterance on its way to a server. */
import type { AudioFrame } from "../../../pipeline/audio.ts";
import { type Channel, channel } from "../../../pipeline/channel.ts";

/**
 * Takes `audio` as it comes, however slow the server is. Whoever waits for it is rejected at once when the signal
 * aborts; closing it lets go of `audio`.
 */
export function heard(audio: AsyncIterable<AudioFrame>, signal: AbortSignal): Channel<AudioFrame> {
  const frames = channel<AudioFrame>({ capacity: Infinity, signal });
  collect(audio, frames);
  return frames;
}

async function collect(audio: AsyncIterable<AudioFrame>, frames: Channel<AudioFrame>): Promise<void> {
  try {
    for await (const frame of audio) {
      if (!frames.trySend(frame)) break;
    }
    frames.close();
  } catch (error) {
    frames.close(error);
  }
}

/** The language of a tag such as "de-AT": Whisper, which is what most servers run, knows "de" alone and fails otherwise. */
export function withoutRegion(tag: string | undefined): string | undefined {
  return tag?.toLowerCase().split(/[-_]/)[0];
}

/** `source`, until the signal aborts: then it rejects with the reason, even if all had come by then. */
export async function* untilAborted<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncIterable<T> {
  signal.throwIfAborted();
  for await (const item of source) {
    signal.throwIfAborted();
    yield item;
  }
  signal.throwIfAborted();
}
