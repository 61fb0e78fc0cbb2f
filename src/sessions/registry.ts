/** All sessions of the server: `local`, which owns the machine's devices, and those that clients open. */
import { ParleyError } from "../../pipeline/errors.ts";
import type { Joined } from "./execute.ts";

/** The session that owns the machine's devices. */
export const LOCAL_SESSION = "local";

/** A session and the end of it. */
export interface OpenSession extends Joined, AsyncDisposable {}

/** What sessions may be called: what can stand in a URL's path as it is. */
const SESSION_ID = /^[A-Za-z0-9_-]{1,64}$/;

interface Entry {
  readonly session: OpenSession;
  clients: number;
  /** Counts up as sessions are left: the smallest was left longest ago. */
  left: number;
}

/** Opens sessions as clients ask for them; one that nobody is connected to gives way when there are too many. */
export class SessionRegistry implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>();
  readonly #create: (id: string) => OpenSession;
  readonly #capacity: number;
  readonly #ending = new Set<Promise<void>>();
  #leavings = 0;

  /** `create` makes a session that has no device of its own. */
  constructor(options: { readonly capacity: number; readonly create: (id: string) => OpenSession }) {
    this.#capacity = options.capacity;
    this.#create = options.create;
  }

  /** Adds a session that is there from the start and never gives way. */
  add(session: OpenSession): void {
    this.#entries.set(session.session.id, { session, clients: 0, left: Infinity });
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
   * A client comes to a session, which is made if it is not there; disposing the visit is its leaving. Throws
   * `VALIDATION_ERROR` for an impossible id and `UNAVAILABLE` when every session is in use.
   */
  visit(id: string): { readonly session: OpenSession; readonly isNew: boolean } & Disposable {
    const known = this.#entries.get(id);
    const entry = known ?? this.#open(id);
    entry.clients++;
    let here = true;
    return {
      session: entry.session,
      isNew: !known,
      [Symbol.dispose]: () => {
        if (!here) return;
        here = false;
        entry.clients--;
        if (entry.left !== Infinity) entry.left = ++this.#leavings;
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
    if (this.#entries.size >= this.#capacity) this.#evict();
    const entry = { session: this.#create(id), clients: 0, left: 0 };
    this.#entries.set(id, entry);
    return entry;
  }

  #evict(): void {
    const idle = [...this.#entries].filter(([, entry]) => entry.clients === 0 && entry.left !== Infinity);
    const oldest = idle.toSorted(([, a], [, b]) => a.left - b.left)[0];
    if (!oldest) {
      throw new ParleyError(
        "UNAVAILABLE",
        `All ${this.#capacity} sessions are in use; join one or try later.`,
      );
    }
    this.#end(oldest[0]);
  }

  /** Ending takes a moment, which only the registry's own end waits for. */
  #end(id: string): void {
    const { session } = this.#entries.get(id)!;
    this.#entries.delete(id);
    const ending = (async () => await session[Symbol.asyncDispose]())();
    this.#ending.add(ending);
    const ended = () => void this.#ending.delete(ending);
    ending.then(ended, ended);
  }
}
