/** Everything the dashboard shows, as signals fed by events. */
import { batch, type Signal, signal } from "@preact/signals";
import type {
  ConnectionState,
  DebugResponseData,
  ParleyClient,
  ParleyEvent,
  PerformanceMetricsData,
  SessionUpdateData,
} from "../protocol/generated/client.ts";
import { applyToTurns, type TurnView } from "./turns.ts";

/** What the microphone's session is doing. */
export interface Status {
  readonly state: "idle" | "listening" | "thinking" | "speaking";
  readonly muted: boolean;
  readonly mode: string;
  readonly microphone: string;
}

/** A model on its way. */
export interface Pull {
  readonly loadedBytes: number;
  readonly totalBytes?: number | undefined;
  /** Why it did not come. */
  readonly failure?: string;
}

/** Events that are kept for the log. */
const EVENTS_KEPT = 50_000;

/** A view of one session, live or saved. */
export class Store {
  readonly connection: Signal<ConnectionState> = signal("connecting");
  readonly status: Signal<Status> = signal({ state: "idle", muted: false, mode: "idle", microphone: "" });
  readonly turns: Signal<readonly TurnView[]> = signal([]);
  readonly settings: Signal<SessionUpdateData | undefined> = signal(undefined);
  readonly metrics: Signal<PerformanceMetricsData | undefined> = signal(undefined);
  readonly userSpeaks = signal(false);
  /** Models being pulled, by name; gone once they are ready. */
  readonly pulls: Signal<ReadonlyMap<string, Pull>> = signal(new Map());
  /** Said to a person: why something asked for was not done. */
  readonly notice = signal("");
  /** Grows in place: `logVersion` says when. */
  readonly log: ParleyEvent[] = [];
  readonly logVersion = signal(0);
  readonly #now: () => number;
  #isTold = false;

  /** `now`: the viewer's clock. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes an event of the session. */
  apply(event: ParleyEvent): void {
    // Levels come ten times a second and say nothing afterwards.
    if (event.type !== "replay" && event.type !== "voice_level") this.#keep(event);
    batch(() => {
      this.turns.value = applyToTurns(this.turns.value, event, this.#now());
      if (event.type === "status") {
        this.status.value = { ...this.status.value, state: event.data.state, muted: event.data.muted };
      }
      if (event.type === "session_info") this.status.value = { ...this.status.value, mode: event.data.mode };
      if (event.type === "session_update") this.settings.value = event.data;
      if (event.type === "voice_speaking" && event.data.source === "user") {
        this.userSpeaks.value = event.data.speaking;
      }
      if (event.type === "performance_metrics") this.metrics.value = event.data;
      this.pulls.value = applyToPulls(this.pulls.value, event);
      if (event.type === "error" && event.turn_id === undefined) this.notice.value = event.data.message;
    });
  }

  /** Begins afresh. */
  clear(): void {
    this.log.length = 0;
    batch(() => {
      this.turns.value = [];
      this.logVersion.value++;
    });
  }

  /** Takes what `debug_request` says of the session's state. */
  applyState({ mode, microphone }: DebugResponseData): void {
    this.status.value = { ...this.status.value, mode: `${mode}`, microphone: `${microphone}` };
  }

  #keep(event: ParleyEvent): void {
    this.log.push(event);
    if (this.log.length > EVENTS_KEPT * 1.1) this.log.splice(0, this.log.length - EVENTS_KEPT);
    if (this.#isTold) return;
    this.#isTold = true;
    // A burst of events is one change to look at.
    queueMicrotask(() => {
      this.#isTold = false;
      this.logVersion.value++;
    });
  }
}

function applyToPulls(pulls: ReadonlyMap<string, Pull>, event: ParleyEvent): ReadonlyMap<string, Pull> {
  switch (event.type) {
    case "model_progress": {
      const { name, loaded_bytes: loadedBytes, total_bytes: totalBytes } = event.data;
      return new Map([...pulls, [name, { loadedBytes, totalBytes }]]);
    }
    case "model_error": {
      const { name, message: failure } = event.data;
      return new Map([...pulls, [name, { loadedBytes: 0, failure }]]);
    }
    case "model_ready":
      return new Map([...pulls].filter(([name]) => name !== event.data.name));
    default:
      return pulls;
  }
}

/** Feeds a store from a client, and asks for what events alone do not tell. Returns how to end that. */
export function follow(client: ParleyClient, store: Store): () => void {
  const ask = () => {
    client.send("debug_request", { debug_type: "state" }).then((state) => store.applyState(state), () => {});
  };
  const ends = [
    client.on("reset", () => store.clear()),
    client.on("state", (state) => {
      store.connection.value = state;
      if (state !== "open") return;
      ask();
      client.send("session_update", {}).catch(() => {});
      client.send("get_performance_metrics").catch(() => {});
    }),
    client.on("event", (event) => {
      store.apply(event);
      // Modes are changed by any client, and only the session knows.
      if (event.type === "status" && event.seq !== undefined && client.state === "open") ask();
      if (event.type === "turn_end" && client.state === "open") {
        client.send("get_performance_metrics").catch(() => {});
      }
    }),
  ];
  store.connection.value = client.state;
  return () => ends.forEach((end) => end());
}
