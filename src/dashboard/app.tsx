/** The page: who is connected to what, the conversation, and beside it what it was made of. */
import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Conversation } from "./conversation.tsx";
import { EventLog } from "./event_log.tsx";
import { Latency } from "./latency.tsx";
import { MemoryPanel } from "./memory_panel.tsx";
import { SettingsPanel } from "./settings_panel.tsx";
import { Store } from "./store.ts";
import { TalkBar } from "./talk_bar.tsx";
import { type Place, Voice } from "./voice.ts";

const PANELS = ["Latency", "Settings", "Memory", "Events"] as const;

/** One session being looked at, and taken part in. */
interface Seat {
  readonly store: Store;
  readonly voice: Voice;
}

const seat = signal<Seat | undefined>(undefined);
const panel = signal<(typeof PANELS)[number]>("Latency");

function sit(place: Place): void {
  seat.value?.voice.close();
  const store = new Store();
  seat.value = { store, voice: new Voice(place, store) };
  localStorage.setItem("place", place);
}

/** The whole page. */
export function App() {
  useEffect(() => {
    sit(localStorage.getItem("place") === "browser" ? "browser" : "machine");
    return () => seat.value?.voice.close();
  }, []);
  if (!seat.value) return null;
  const { store, voice } = seat.value;
  return (
    <>
      <Header store={store} voice={voice} />
      <main key={voice.place}>
        <section class="talk" aria-label="Conversation">
          <Conversation store={store} />
          <TalkBar store={store} voice={voice} />
        </section>
        <section class="side" aria-label="Details">
          <Tabs />
          <div role="tabpanel" id="panel" aria-labelledby={`tab-${panel.value}`} tabIndex={0}>
            {panel.value === "Latency" && <Latency store={store} />}
            {panel.value === "Settings" && <SettingsPanel store={store} voice={voice} />}
            {panel.value === "Memory" && <MemoryPanel voice={voice} store={store} />}
            {panel.value === "Events" && <EventLog store={store} />}
          </div>
        </section>
      </main>
    </>
  );
}

function Header({ store, voice }: Seat) {
  const isOpen = store.connection.value === "open";
  const reason = useSignal("");
  useEffect(() => {
    if (store.connection.value === "waiting") whyNot().then((why) => reason.value = why);
  }, [store.connection.value]);
  return (
    <header>
      <h1>Parley</h1>
      <label>
        Microphone and loudspeaker of{" "}
        <select value={voice.place} onChange={({ currentTarget }) => sit(currentTarget.value as Place)}>
          <option value="machine">the server's machine</option>
          <option value="browser">this browser</option>
        </select>
      </label>
      <p class={`connection ${store.connection.value}`} role="status">
        {isOpen ? "connected" : reason.value || "The server cannot be reached; trying again …"}
      </p>
    </header>
  );
}

/** A WebSocket does not tell why it was refused; the same question by HTTP does. */
async function whyNot(): Promise<string> {
  try {
    const { status } = await fetch(`/ws/status${location.search}`);
    return status === 403 ? "The server wants its token: add ?token=… to this page's address." : "";
  } catch {
    return "";
  }
}

function Tabs() {
  const move = (by: number) => {
    const at = (PANELS.indexOf(panel.value) + by + PANELS.length) % PANELS.length;
    panel.value = PANELS[at]!;
    document.getElementById(`tab-${PANELS[at]}`)?.focus();
  };
  const onKeyDown = ({ key }: KeyboardEvent) => {
    if (key === "ArrowRight") move(1);
    if (key === "ArrowLeft") move(-1);
  };
  return (
    <div role="tablist" aria-label="Details" onKeyDown={onKeyDown}>
      {PANELS.map((name) => (
        <button
          key={name}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-selected={panel.value === name}
          aria-controls="panel"
          tabIndex={panel.value === name ? 0 : -1}
          onClick={() => panel.value = name}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
