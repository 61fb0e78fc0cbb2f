/** Models, voice, devices and turn-taking of the session. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type {
  DevicesData,
  SessionUpdateCommandData,
  SessionUpdateData,
} from "../protocol/generated/client.ts";
import { Models } from "./models_panel.tsx";
import type { Store } from "./store.ts";
import type { Voice } from "./voice.ts";

/** What is changed by number: name, meaning, unit. */
const TURN_TAKING = {
  endpoint_ms: "Silence after which you have finished",
  unfinished_ms: "The same where you sound as if you would go on (turn detector)",
  pause_ms: "Silence after which an answer is prepared",
  min_speech_ms: "Shorter voice is not speech",
} as const;

/** Every setting that can be changed while the session goes on. */
export function SettingsPanel({ store, voice }: { readonly store: Store; readonly voice: Voice }) {
  const settings = store.settings.value;
  const change = async (changes: SessionUpdateCommandData) => {
    try {
      await voice.client.send("session_update", changes);
      store.notice.value = "";
    } catch (error) {
      store.notice.value = error instanceof Error ? error.message : `${error}`;
    }
  };
  if (!settings) return <p class="hint">Not connected.</p>;
  return (
    <>
      <VoiceField settings={settings} change={change} voice={voice} />
      <fieldset>
        <legend>Taking turns (milliseconds)</legend>
        {(Object.keys(TURN_TAKING) as (keyof typeof TURN_TAKING)[]).map((name) => (
          <label key={name}>
            {TURN_TAKING[name]}
            <input
              type="number"
              step={32}
              value={settings.turn_taking[name]}
              onChange={({ currentTarget }) =>
                change({ turn_taking: { [name]: Number(currentTarget.value) } })}
            />
          </label>
        ))}
      </fieldset>
      <label class="switch">
        <input
          type="checkbox"
          checked={settings.memory}
          onChange={({ currentTarget }) => change({ memory: currentTarget.checked })}
        />
        Remember what I ask it to
      </label>
      <Devices voice={voice} store={store} />
      <Models voice={voice} store={store} />
    </>
  );
}

interface VoiceFieldProps {
  readonly settings: SessionUpdateData;
  readonly change: (changes: SessionUpdateCommandData) => Promise<void>;
  readonly voice: Voice;
}

function VoiceField({ settings, change, voice }: VoiceFieldProps) {
  const { voices = [settings.voice] } = settings;
  return (
    <fieldset>
      <legend>Voice</legend>
      <label>
        Name
        <select
          value={settings.voice}
          onChange={({ currentTarget }) => change({ voice: currentTarget.value })}
        >
          {voices.map((name) => <option key={name}>{name}</option>)}
        </select>
      </label>
      <button type="button" onClick={() => voice.speak("This is how I sound.")}>Hear it</button>
    </fieldset>
  );
}

function Devices({ voice, store }: { readonly voice: Voice; readonly store: Store }) {
  const devices = useSignal<DevicesData | undefined>(undefined);
  const ask = () => voice.client.send("list_devices").then((data) => devices.value = data, () => {});
  useEffect(() => void ask(), []);
  if (!devices.value || voice.place === "browser") return null;
  const { inputs, outputs, selected } = devices.value;
  const select = (choice: { readonly input?: string; readonly output?: string }) =>
    voice.client.send("select_device", choice).then(
      (data) => devices.value = data,
      (error) => store.notice.value = error.message,
    );
  if (inputs.length + outputs.length === 0) {
    return <p class="hint">The server's machine has no sound devices.</p>;
  }
  return (
    <fieldset>
      <legend>Devices of the server's machine</legend>
      <label>
        Microphone
        <select
          value={selected.input}
          onChange={({ currentTarget }) => select({ input: currentTarget.value })}
        >
          {inputs.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
      <label>
        Loudspeaker
        <select
          value={selected.output}
          onChange={({ currentTarget }) => select({ output: currentTarget.value })}
        >
          {outputs.map(({ id, name }) => <option key={id} value={id}>{name}</option>)}
        </select>
      </label>
      <button type="button" onClick={ask}>Look again</button>
    </fieldset>
  );
}
