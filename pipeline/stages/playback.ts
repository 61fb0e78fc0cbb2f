/** Playback: the only judge of what was said. */
import { durationMs, type Loudspeaker, type Playback } from "../audio.ts";
import type { Attempt } from "../turn.ts";
import type { SpeechPiece } from "./tts.ts";

/** What {@linkcode play} works with. */
export interface PlayOptions {
  readonly loudspeaker: Loudspeaker;
  readonly sampleRateHz: number;
}

/**
 * Plays `speech` once the attempt is committed, and returns what was truly heard of it. However it ends,
 * the sound has stopped and `playback.end` has been told by then.
 */
export async function play(
  speech: AsyncIterable<SpeechPiece>,
  attempt: Attempt,
  { loudspeaker, sampleRateHz }: PlayOptions,
): Promise<void> {
  const played: Played = { written: [], finished: false, audible: false };
  // The device opens while the answer is still being thought of: that takes as long as a word does to say.
  const opening = loudspeaker.open({ signal: attempt.signal, sampleRateHz });
  opening.catch(() => {}); // Met again when there is something to play.
  try {
    await writeAll(speech, attempt, { opening, played });
    played.finished = true;
  } finally {
    const playback = await opening.catch(() => undefined);
    if (playback) await finish(playback, attempt, played);
  }
}

/** What has become of the speech so far. */
interface Played {
  readonly written: SpeechPiece[];
  /** Everything written has sounded. */
  finished: boolean;
  /** That the assistant speaks has been told. */
  audible: boolean;
}

interface Writing {
  readonly opening: Promise<Playback>;
  readonly played: Played;
}

async function writeAll(
  speech: AsyncIterable<SpeechPiece>,
  attempt: Attempt,
  writing: Writing,
): Promise<void> {
  const { opening, played } = writing;
  try {
    for await (const piece of speech) {
      const playback = await opening;
      if (played.written.length === 0) {
        await attempt.committed;
        tellStart(playback, attempt, played);
      }
      played.written.push(piece);
      await playback.write(piece.frame);
    }
  } catch (error) {
    attempt.signal.throwIfAborted();
    // A stage before this one failed: what it had already given is still worth hearing.
    if (played.written.length > 0) await (await opening).drain();
    played.finished = true;
    throw error;
  }
  if (played.written.length > 0) await (await opening).drain();
}

function tellStart(playback: Playback, attempt: Attempt, played: Played): void {
  const { signal } = attempt;
  playback.started.then((atMs) => {
    if (signal.aborted) return;
    played.audible = true;
    attempt.emit({ type: "trace.mark", name: "playback_start" }, atMs);
    attempt.emit({ type: "voice.activity", source: "assistant", speaking: true, atMs }, atMs);
  }).catch(() => {}); // A device lost before the first sound is told by write().
}

async function finish(
  playback: Playback,
  attempt: Attempt,
  { written, finished, audible }: Played,
): Promise<void> {
  const { heardMs } = finished ? { heardMs: playback.playedMs } : await playback.cut();
  await playback[Symbol.asyncDispose]();
  if (written.length === 0) return;
  const text = written.map((piece) => piece.text).join("").trim();
  const spokenText = finished ? text : heardText(written, heardMs);
  const atMs = attempt.clock.now();
  if (audible) attempt.emit({ type: "voice.activity", source: "assistant", speaking: false, atMs }, atMs);
  attempt.emit({ type: "playback.end", text, spokenText, heardMs, interrupted: !finished }, atMs);
}

/**
 * The words of `pieces` whose sound had ended after `heardMs`. Within a piece that was cut, words count by
 * their share of its characters, and only whole ones.
 */
export function heardText(pieces: readonly SpeechPiece[], heardMs: number): string {
  let heard = "";
  let leftMs = heardMs;
  for (const { frame, text } of pieces) {
    const lengthMs = durationMs(frame);
    if (leftMs < lengthMs) {
      const characters = Math.floor(text.length * leftMs / lengthMs);
      const wholeWords = text.slice(0, characters + 1).replace(/\S+$/, "");
      return (heard + wholeWords).trimEnd();
    }
    heard += text;
    leftMs -= lengthMs;
  }
  return heard.trim();
}
