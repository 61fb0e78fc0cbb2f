/** Hooks: what happens in sessions, told to other programs, without ever keeping a session waiting. */
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import { matchesWildcard } from "../protocol/wildcard.ts";
import { callUrl } from "./call_url.ts";
import type { Deliver, Delivery } from "./delivery.ts";
import { runCommand } from "./run_command.ts";
import type { HookSettings } from "./settings.ts";

/** How one delivery ended. */
export interface Triggered {
  readonly sessionId: string;
  readonly hook: string;
  readonly event: string;
  readonly ok: boolean;
  /** All tries and the waits between them. */
  readonly durationMs: number;
}

/** What hooks work with. */
export interface HooksOptions {
  readonly hooks: readonly HookSettings[];
  readonly clock: Clock;
  /** Where secrets are, and what programs may find. */
  readonly environment: Readonly<Record<string, string>>;
  readonly onTriggered: (triggered: Triggered) => void;
}

/** An event as sessions log it. */
export interface HookedEvent {
  readonly type: string;
  readonly json: string;
}

/** Events that may wait for one hook; of more the oldest are given up. */
const QUEUE_LENGTH = 256;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 10_000;
/** A hook on what hooks do would never end. */
const NEVER_HOOKED = "hook_triggered";

/** Disposing ends what is under way and gives up what waits. */
export class Hooks implements AsyncDisposable {
  readonly #ending = new AbortController();
  readonly #hooks: readonly Hook[];

  /** Throws `VALIDATION_ERROR` where a hook's secret is not in the environment. */
  constructor(options: HooksOptions) {
    this.#hooks = options.hooks.map((settings) => new Hook(settings, options, this.#ending.signal));
  }

  /** Takes what happened in a session. Returns at once and never throws. */
  notify(sessionId: string, { type, json }: HookedEvent): void {
    if (type === NEVER_HOOKED) return;
    for (const hook of this.#hooks) {
      if (hook.wants(type)) hook.add({ id: crypto.randomUUID(), event: type, sessionId, json });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort("session_closed");
    await Promise.all(this.#hooks.map((hook) => hook.idle));
  }
}

/** One hook: delivers one event after the other, in order. */
class Hook {
  /** Resolves when nothing is under way. */
  idle: Promise<void> = Promise.resolve();
  readonly #settings: HookSettings;
  readonly #options: HooksOptions;
  readonly #signal: AbortSignal;
  readonly #deliver: Deliver;
  #waiting: Delivery[] = [];
  #isWorking = false;

  constructor(settings: HookSettings, options: HooksOptions, signal: AbortSignal) {
    this.#settings = settings;
    this.#options = options;
    this.#signal = signal;
    this.#deliver = deliverOf(settings, options.environment);
  }

  wants(type: string): boolean {
    return this.#settings.events.some((pattern) => matchesWildcard(pattern, type));
  }

  add(delivery: Delivery): void {
    if (this.#signal.aborted) return;
    this.#waiting.push(delivery);
    if (this.#waiting.length > QUEUE_LENGTH) this.#tell(this.#waiting.shift()!, { ok: false, durationMs: 0 });
    if (!this.#isWorking) this.idle = this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    const { clock } = this.#options;
    for (let next = this.#waiting.shift(); next && !this.#signal.aborted; next = this.#waiting.shift()) {
      const startMs = clock.now();
      const ok = await this.#tryAgainAndAgain(next);
      if (!this.#signal.aborted) this.#tell(next, { ok, durationMs: clock.now() - startMs });
    }
    this.#isWorking = false;
  }

  async #tryAgainAndAgain(delivery: Delivery): Promise<boolean> {
    const { timeout_ms, retries } = this.#settings;
    for (let tries = 0;; tries++) {
      const outcome = await this.#inTime(delivery, timeout_ms);
      if (outcome !== "later" || tries === retries || this.#signal.aborted) return outcome === "ok";
      const waitMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** tries);
      await this.#options.clock.sleep(waitMs, this.#signal).catch(() => {});
    }
  }

  async #inTime(delivery: Delivery, timeoutMs: number) {
    const late = new AbortController();
    const timer = setTimeout(() => late.abort(), timeoutMs);
    try {
      return await this.#deliver(delivery, AbortSignal.any([this.#signal, late.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  #tell({ event, sessionId }: Delivery, result: Pick<Triggered, "ok" | "durationMs">): void {
    try {
      this.#options.onTriggered({ sessionId, hook: this.#settings.name, event, ...result });
    } catch {
      // Whoever listens must not end the hook, nor the session that notifies.
    }
  }
}

function deliverOf(
  { name, url, command, secret_env }: HookSettings,
  environment: HooksOptions["environment"],
): Deliver {
  if (url === undefined) return runCommand(command ?? [], environment);
  const secret = secret_env === undefined ? undefined : environment[secret_env];
  if (secret_env !== undefined && !secret) {
    throw new ParleyError(
      "VALIDATION_ERROR",
      `The hook "${name}" signs with a secret in ${secret_env}, which is not set.`,
      { recoverable: false },
    );
  }
  return callUrl(url, secret);
}
