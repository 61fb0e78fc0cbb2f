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
  /** Counts up with every visit: the smallest was left longest ago. */
  visit: number;
}

/** Opens sessions as clients ask for them; one that nobody is connected to gives way when there are too many. */
export class SessionRegistry implements AsyncDisposable {
  readonly #entries = new Map<string, Entry>();
  readonly #create: (id: string) => OpenSession;
  readonly #capacity: number;
  #visits = 0;

  /** `create` makes a session that has no device of its own. */
  constructor(options: { readonly capacity: number; readonly create: (id: string) => OpenSession }) {
    this.#capacity = options.capacity;
    this.#create = options.create;
  }

  /** Adds a session that is there from the start and never gives way. */
  add(session: OpenSession): void {
    this.#entries.set(session.session.id, { session, clients: 0, visit: Infinity });
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
    if (entry.visit !== Infinity) entry.visit = ++this.#visits;
    let left = false;
    return {
      session: entry.session,
      isNew: !known,
      [Symbol.dispose]: () => {
        if (!left) entry.clients--;
        left = true;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    await Promise.all(entries.map((entry) => entry.session[Symbol.asyncDispose]()));
  }

  #open(id: string): Entry {
    if (!SESSION_ID.test(id)) {
      throw new ParleyError("VALIDATION_ERROR", "A session id is 1 to 64 letters, digits, - or _.");
    }
    if (this.#entries.size >= this.#capacity) this.#evict();
    const entry = { session: this.#create(id), clients: 0, visit: 0 };
    this.#entries.set(id, entry);
    return entry;
  }

  #evict(): void {
    const idle = [...this.#entries].filter(([, entry]) => entry.clients === 0 && entry.visit !== Infinity);
    const oldest = idle.toSorted(([, a], [, b]) => a.visit - b.visit)[0];
    if (!oldest) {
      throw new ParleyError(
        "UNAVAILABLE",
        `All ${this.#capacity} sessions are in use; join one or try later.`,
      );
    }
    this.#entries.delete(oldest[0]);
    // Ending takes a moment; nobody is connected who would have to wait for it.
    Promise.resolve(oldest[1].session[Symbol.asyncDispose]()).catch(() => {});
  }
}
