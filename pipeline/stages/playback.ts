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
  const written: SpeechPiece[] = [];
  let opened: Playback | undefined;
  let finished = false;
  let audible = false;
  try {
    for await (const piece of speech) {
      if (!opened) {
        // The device opens while the decision that the user has finished is still pending.
        opened = await loudspeaker.open({ signal: attempt.signal, sampleRateHz });
        await attempt.committed;
        tellStart(opened, attempt, () => audible = true);
      }
      written.push(piece);
      await opened.write(piece.frame);
    }
    await opened?.drain();
    finished = true;
  } catch (error) {
    attempt.signal.throwIfAborted();
    // A stage before this one failed: what it had already given is still worth hearing.
    await opened?.drain();
    finished = true;
    throw error;
  } finally {
    if (opened) await finish(opened, attempt, { written, finished, audible });
  }
}

function tellStart(playback: Playback, attempt: Attempt, onTold: () => void): void {
  const { signal } = attempt;
  playback.started.then((atMs) => {
    if (signal.aborted) return;
    onTold();
    attempt.emit({ type: "trace.mark", name: "playback_start" }, atMs);
    attempt.emit({ type: "voice.activity", source: "assistant", speaking: true, atMs }, atMs);
  }).catch(() => {}); // A device lost before the first sound is told by write().
}

interface Played {
  readonly written: readonly SpeechPiece[];
  readonly finished: boolean;
  /** That the assistant speaks has been told. */
  readonly audible: boolean;
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
