/** Events row by row: filtered, searched, paused, inspected, saved. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { ParleyEvent } from "../protocol/generated/client.ts";
import { save } from "./download.ts";
import type { Store } from "./store.ts";

/** Height of a row, which the style sheet gives it. */
const ROW_PX = 24;
/** Rows drawn beyond what is in sight, so that scrolling shows no gaps. */
const BEYOND = 20;

/** The log of a store, newest first. */
export function EventRows({ store }: { readonly store: Store }) {
  const filter = useSignal("");
  const top = useSignal(0);
  const isPaused = useSignal(false);
  const chosen = useSignal<ParleyEvent | undefined>(undefined);
  const frozen = useRef<readonly ParleyEvent[]>([]);
  const list = useRef<HTMLDivElement>(null);
  store.logVersion.value; // Read, so that every event draws again.
  if (!isPaused.value) frozen.current = store.log;
  const pause = () => {
    isPaused.value = !isPaused.value;
    frozen.current = isPaused.value ? [...store.log] : store.log;
  };
  const shown = matching(frozen.current, filter.value);
  const inSight = Math.ceil((list.current?.clientHeight ?? 400) / ROW_PX);
  // Newest first: what happens now needs no scrolling.
  const from = Math.max(0, Math.floor(top.value / ROW_PX) - BEYOND);
  const rows = Array.from(
    { length: Math.min(inSight + 2 * BEYOND, Math.max(0, shown.length - from)) },
    (_, index) => shown[shown.length - 1 - from - index]!,
  );
  return (
    <>
      <div class="tools">
        <label>
          Filter
          <input
            type="search"
            placeholder="stt_, error, a word …"
            value={filter}
            onInput={({ currentTarget }) => filter.value = currentTarget.value}
          />
        </label>
        <button type="button" aria-pressed={isPaused} onClick={pause}>Pause</button>
        <button
          type="button"
          onClick={() => save("parley-events.jsonl", shown.map((event) => JSON.stringify(event)).join("\n"))}
        >
          Save
        </button>
        <span>{shown.length} events</span>
      </div>
      <div
        class="rows"
        ref={list}
        tabIndex={0}
        role="region"
        aria-label="Events, newest first"
        onScroll={({ currentTarget }) => top.value = currentTarget.scrollTop}
      >
        <div class="all" style={{ height: `${shown.length * ROW_PX}px` }}>
          <div style={{ transform: `translateY(${from * ROW_PX}px)` }}>
            {rows.map((event, index) => (
              <Row
                key={index}
                event={event}
                onClick={() => chosen.value = event}
              />
            ))}
          </div>
        </div>
      </div>
      {chosen.value && <pre class="json" tabIndex={0}>{JSON.stringify(chosen.value, null, 2)}</pre>}
    </>
  );
}

function Row({ event, onClick }: { readonly event: ParleyEvent; readonly onClick: () => void }) {
  return (
    <button type="button" class="row" onClick={onClick}>
      <span class="seq">{event.seq ?? "–"}</span>
      <span class="type">{event.type}</span>
      <span class="data">{JSON.stringify(event.data).slice(0, 120)}</span>
    </button>
  );
}

/** Events whose type or text holds what is looked for. */
function matching(events: readonly ParleyEvent[], filter: string): readonly ParleyEvent[] {
  const wanted = filter.trim().toLowerCase();
  if (!wanted) return events;
  return events.filter((event) => JSON.stringify(event).toLowerCase().includes(wanted));
}
