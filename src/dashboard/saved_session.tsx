/** A session that was saved: looked at as a whole, or played again as it went. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import type { ParleyEvent } from "../protocol/generated/client.ts";
import { Conversation } from "./conversation.tsx";
import { EventRows } from "./event_rows.tsx";
import { Latency } from "./latency.tsx";
import { Store } from "./store.ts";

/** Silence between events is shortened to this: nobody watches somebody think for minutes. */
const LONGEST_GAP_MS = 3000;

/** The events of a saved log, a line an event. Throws when it is something else. */
export function readLog(text: string): readonly ParleyEvent[] {
  return text.split("\n").filter(Boolean).map((line) => {
    const event: ParleyEvent = JSON.parse(line);
    if (typeof event?.type !== "string" || typeof event.data !== "object") {
      throw new Error("a line is no event");
    }
    return event;
  });
}

/** Everything of it at first; from its beginning when it is played. */
export function SavedSession({ events }: { readonly events: readonly ParleyEvent[] }) {
  const playing = useSignal<AbortController | undefined>(undefined);
  const store = useMemo(() => {
    const store = new Store();
    for (const event of events) store.apply(event);
    return store;
  }, [events]);
  useEffect(() => () => playing.value?.abort(), [events]);
  const play = async () => {
    const ending = new AbortController();
    playing.value = ending;
    store.clear();
    await playAgain(events, store, ending.signal);
    if (playing.value === ending) playing.value = undefined;
  };
  const stop = () => {
    playing.value?.abort();
    playing.value = undefined;
  };
  return (
    <>
      <button type="button" aria-pressed={playing.value !== undefined} onClick={playing.value ? stop : play}>
        {playing.value ? "Stop" : "Play it again"}
      </button>
      <EventRows store={store} />
      <Conversation store={store} />
      <Latency store={store} />
    </>
  );
}

/** Applies the events at the pace at which they came, until all are applied or the signal aborts. */
async function playAgain(events: readonly ParleyEvent[], store: Store, signal: AbortSignal): Promise<void> {
  let beforeMs: number | undefined;
  for (const event of events) {
    const atMs = Date.parse(event.timestamp);
    const gapMs = Math.min(LONGEST_GAP_MS, Math.max(0, atMs - (beforeMs ?? atMs)));
    if (gapMs > 0) await new Promise((resolve) => setTimeout(resolve, gapMs));
    if (signal.aborted) return;
    store.apply(event);
    beforeMs = atMs;
  }
}
