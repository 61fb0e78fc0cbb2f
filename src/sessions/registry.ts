/** All sessions of the server: `local`, which owns the machine's devices, and those that clients open. */
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError } from "../../pipeline/errors.ts";
import type { Joined } from "./ports.ts";

/** The session that owns the machine's devices. */
export const LOCAL_SESSION = "local";

/** A session and the end of it. */
export interface OpenSession extends Joined, AsyncDisposable {
  /** It was kept from an earlier run of the server. */
  readonly isRestored: boolean;
}

/** A client's stay in a session. Disposing it is leaving. */
export interface Visit extends Disposable {
  readonly session: OpenSession;
  /** The session began with this visit. */
  readonly isNew: boolean;
}

/** How the registry works. */
export interface RegistryOptions {
  /** How many sessions there may be. */
  readonly capacity: number;
  /** Makes a session that has no device of its own. */
  readonly create: (id: string) => OpenSession;
  readonly clock: Clock;
  /** How long a session waits for its clients to come back before it ends. */
  readonly resumeMs: number;
}

/** What sessions may be called: what can stand in a URL's path as it is. */
const SESSION_ID = /^[A-Za-z0-9_-]{1,64}$/;

interface Entry {
  readonly session: OpenSession;
  /** Never ends before the server does. */
  readonly stays: boolean;
  clients: number;
  /** Counts up as sessions are left: the smallest was left longest ago. */
  left: number;
  /** While nobody is here: aborting it lets the session live on. */
  waiting: AbortController | undefined;
}

/** Opens sessions as clients ask for them; one that nobody comes back to ends, sooner when there are too many. */
export class SessionRegistry implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>();
  readonly #options: RegistryOptions;
  readonly #ending = new Set<Promise<void>>();
  #leavings = 0;

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Adds a session that is there from the start and never gives way. */
  add(session: OpenSession): void {
    this.#entries.set(session.session.id, { session, stays: true, clients: 0, left: 0, waiting: undefined });
  }

  /** Every session there is. */
  all(): OpenSession[] {
    return [...this.#entries.values()].map(({ session }) => session);
  }

  get(id: string): OpenSession | undefined {
    return this.#entries.get(id)?.session;
  }

  /** How many clients are connected to a session; undefined where there is none. */
  clientsOf(id: string): number | undefined {
    return this.#entries.get(id)?.clients;
  }

  /** How many sessions there are, and to how many of them somebody is connected. */
  get counts(): { readonly sessions: number; readonly active: number } {
    const active = [...this.#entries.values()].filter((entry) => entry.clients > 0).length;
    return { sessions: this.#entries.size, active };
  }

  /**
   * A client comes to a session, which is made if it is not there. Throws `VALIDATION_ERROR` for an impossible
   * id and `UNAVAILABLE` when every session is in use.
   */
  visit(id: string): Visit {
    const known = this.#entries.get(id);
    const entry = known ?? this.#open(id);
    entry.clients++;
    entry.waiting?.abort();
    entry.waiting = undefined;
    let here = true;
    return {
      session: entry.session,
      isNew: !known && !entry.session.isRestored,
      [Symbol.dispose]: () => {
        if (!here) return;
        here = false;
        if (--entry.clients === 0 && !entry.stays) this.#wait(id, entry);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of [...this.#entries.keys()]) this.#end(id);
    await Promise.all(this.#ending);
  }

  #open(id: string): Entry {
    if (!SESSION_ID.test(id)) {
      throw new ParleyError("VALIDATION_ERROR", "A session id is 1 to 64 letters, digits, - or _.");
    }
    if (this.#entries.size >= this.#options.capacity) this.#evict();
    const session = this.#options.create(id);
    const entry: Entry = { session, stays: false, clients: 0, left: 0, waiting: undefined };
    this.#entries.set(id, entry);
    return entry;
  }

  /** Nobody is here any more: the session ends unless somebody comes back in time. */
  #wait(id: string, entry: Entry): void {
    if (this.#entries.get(id) !== entry) return; // It has ended.
    entry.left = ++this.#leavings;
    entry.waiting = new AbortController();
    const { clock, resumeMs } = this.#options;
    clock.sleep(resumeMs, entry.waiting.signal).then(() => this.#end(id), () => {});
  }

  #evict(): void {
    const idle = [...this.#entries].filter(([, entry]) => entry.clients === 0 && !entry.stays);
    const oldest = idle.toSorted(([, a], [, b]) => a.left - b.left)[0];
    if (!oldest) {
      throw new ParleyError(
        "UNAVAILABLE",
        `All ${this.#options.capacity} sessions are in use; join one or try later.`,
      );
    }
    this.#end(oldest[0]);
  }

  /** Ending takes a moment, which only the registry's own end waits for. */
  #end(id: string): void {
    const { session, waiting } = this.#entries.get(id)!;
    waiting?.abort();
    this.#entries.delete(id);
    const ending = (async () => await session[Symbol.asyncDispose]())();
    this.#ending.add(ending);
    const ended = () => void this.#ending.delete(ending);
    ending.then(ended, ended);
  }
}
