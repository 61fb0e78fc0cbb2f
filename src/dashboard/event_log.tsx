/** Every event, as it came: to be looked at live, or from a file. */
import { useSignal } from "@preact/signals";
import type { ParleyEvent } from "../protocol/generated/client.ts";
import { EventRows } from "./event_rows.tsx";
import { readLog, SavedSession } from "./saved_session.tsx";
import type { Store } from "./store.ts";

/** The log of a session, or of a saved one. */
export function EventLog({ store }: { readonly store: Store }) {
  const saved = useSignal<readonly ParleyEvent[] | undefined>(undefined);
  const notice = useSignal("");
  const open = async (file: File | undefined) => {
    if (!file) return;
    try {
      saved.value = readLog(await file.text());
      notice.value = "";
    } catch (error) {
      notice.value = `"${file.name}" is not a saved event log: ${
        error instanceof Error ? error.message : error
      }`;
    }
  };
  return (
    <>
      {saved.value
        ? <button type="button" onClick={() => saved.value = undefined}>Back to what happens now</button>
        : (
          <label>
            Look at a saved session
            <input
              type="file"
              accept=".jsonl"
              onChange={({ currentTarget }) => open(currentTarget.files?.[0])}
            />
          </label>
        )}
      <p class="notice" role="alert">{notice}</p>
      {saved.value ? <SavedSession events={saved.value} /> : <EventRows store={store} />}
    </>
  );
}
