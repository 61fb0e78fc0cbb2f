/** How far several downloads have come, in one line that is rewritten in place. */
import type { PullProgress } from "../../models/store/pull.ts";
import type { Screen } from "./terminal.ts";

const BAR_CHARS = 24;
/** Rewritten this often at most. */
const REDRAW_MS = 100;
/** Where a line cannot be rewritten, a new one is written for each tenth. */
const STEPS = 10;

/** One line for all. Disposing it leaves the screen as other output wants it. */
export class ProgressLine implements Disposable {
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #downloads = new Map<string, PullProgress>();
  readonly #startMs: number;
  #startBytes: number | undefined;
  #drawnMs = -Infinity;
  #step = 0;
  #isDrawn = false;

  /** `now`: monotonic milliseconds. */
  constructor(screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
    this.#startMs = now();
  }

  /** Tells how far one download is. */
  update(name: string, progress: PullProgress): void {
    this.#downloads.set(name, progress);
    const { loadedBytes, totalBytes } = this.#sum();
    this.#startBytes ??= loadedBytes; // What an earlier try brought was not fetched now.
    if (this.#screen.interactive) {
      if (this.#now() - this.#drawnMs < REDRAW_MS && loadedBytes < totalBytes) return;
      this.#drawnMs = this.#now();
      this.#screen.write(`\r\x1b[K${this.#text()}`);
      this.#isDrawn = true;
      return;
    }
    const step = Math.floor(loadedBytes / totalBytes * STEPS);
    if (step > this.#step) this.#screen.write(`${this.#text()}\n`);
    this.#step = Math.max(step, this.#step);
  }

  /** A line that stays. */
  line(text: string): void {
    this.#clear();
    this.#screen.write(`${text}\n`);
  }

  [Symbol.dispose](): void {
    this.#clear();
  }

  #clear(): void {
    if (this.#isDrawn) this.#screen.write("\r\x1b[K");
    this.#isDrawn = false;
  }

  #sum(): PullProgress {
    const all = [...this.#downloads.values()];
    return {
      loadedBytes: all.reduce((sum, { loadedBytes }) => sum + loadedBytes, 0),
      totalBytes: all.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
    };
  }

  #text(): string {
    const { loadedBytes, totalBytes } = this.#sum();
    const done = Math.round(loadedBytes / totalBytes * BAR_CHARS);
    const bar = "█".repeat(done) + "░".repeat(BAR_CHARS - done);
    const seconds = (this.#now() - this.#startMs) / 1000;
    const bytesPerSecond = (loadedBytes - (this.#startBytes ?? 0)) / seconds;
    const left = bytesPerSecond > 0 && loadedBytes < totalBytes
      ? `, ${Math.ceil((totalBytes - loadedBytes) / bytesPerSecond)} s left`
      : "";
    const rate = seconds > 0 ? ` at ${(bytesPerSecond / 1e6).toFixed(1)} MB/s` : "";
    return `${bar} ${megabytes(loadedBytes)} of ${megabytes(totalBytes)} MB${rate}${left}`;
  }
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
