/** What the assistant remembers. */
import { useSignal } from "@preact/signals";
import type { MemoryRecallData } from "../protocol/generated/client.ts";
import type { Store } from "./store.ts";
import type { Voice } from "./voice.ts";

/** Looking for memories, adding one, and forgetting. */
export function MemoryPanel({ voice, store }: { readonly voice: Voice; readonly store: Store }) {
  const query = useSignal("");
  const text = useSignal("");
  const found = useSignal<MemoryRecallData | undefined>(undefined);
  const told = (work: Promise<unknown>) =>
    work.then(() => store.notice.value = "", (error: Error) => store.notice.value = error.message);
  const search = () =>
    told(
      voice.client.send("memory_search", { query: query.value, limit: 50 }).then((data) =>
        found.value = data
      ),
    );
  const add = () => told(voice.client.send("memory_add", { text: text.value }).then(() => text.value = ""));
  const forget = (memory_id: string) => told(voice.client.send("memory_forget", { memory_id }).then(search));
  const submit = (act: () => void) => (event: SubmitEvent) => {
    event.preventDefault();
    act();
  };
  return (
    <>
      <form onSubmit={submit(add)}>
        <label>
          Remember
          <input
            value={text}
            required
            maxLength={1000}
            onInput={({ currentTarget }) => text.value = currentTarget.value}
          />
        </label>
        <button type="submit">Add</button>
      </form>
      <form onSubmit={submit(search)}>
        <label>
          Look for
          <input value={query} required onInput={({ currentTarget }) => query.value = currentTarget.value} />
        </label>
        <button type="submit">Search</button>
      </form>
      <ul class="memories" aria-live="polite">
        {found.value?.items.length === 0 && <li class="hint">Nothing about “{found.value.query}”.</li>}
        {found.value?.items.map(({ memory_id, text }) => (
          <li key={memory_id}>
            {text}
            <button type="button" aria-label={`Forget: ${text}`} onClick={() => forget(memory_id)}>
              Forget
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
