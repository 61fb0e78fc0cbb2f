/** The models there are: which work, which are here, and fetching and exchanging them while the assistant talks. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { LoadModelCommandData, ModelsData } from "../protocol/generated/client.ts";
import type { Store } from "./store.ts";
import type { Voice } from "./voice.ts";

type Model = ModelsData["models"][number];

const TASKS = {
  stt: "Ears",
  llm: "Mind",
  tts: "Voice",
  turn: "Taking turns",
  vad: "Voice activity",
} as const;

/** One group a task, the model that works in its title. */
export function Models({ voice, store }: { readonly voice: Voice; readonly store: Store }) {
  const models = useSignal<readonly Model[]>([]);
  const pulls = store.pulls.value;
  const working = store.settings.value?.models;
  const ask = () => voice.client.send("list_models").then((data) => models.value = data.models, () => {});
  useEffect(() => void ask(), [[...pulls.keys()].join(), JSON.stringify(working)]);
  const use = ({ task, name }: Model) =>
    voice.client.send("load_model", { task: task as LoadModelCommandData["task"], name }).then(
      () => store.notice.value = "",
      (error) => store.notice.value = error.message,
    );
  return (
    <fieldset>
      <legend>Models</legend>
      {(Object.keys(TASKS) as (keyof typeof TASKS)[]).map((task) => (
        <details key={task} class="models">
          <summary>
            {TASKS[task]}: <b>{working?.[task]}</b>
          </summary>
          <ul>
            {models.value.filter((model) => model.task === task).map((model) => (
              <Row key={model.name} model={model} use={use} busy={isBusy(pulls.get(model.name))} />
            ))}
          </ul>
        </details>
      ))}
      {[...pulls].map(([name, { loadedBytes, totalBytes, failure }]) => (
        <p key={name} class={failure ? "error" : ""}>
          {failure ? `${name}: ${failure}` : (
            <label>
              {name}
              <progress value={loadedBytes} {...(totalBytes && { max: totalBytes })} />
              {Math.round(loadedBytes / 1e6)} MB
            </label>
          )}
        </p>
      ))}
    </fieldset>
  );
}

interface RowProps {
  readonly model: Model;
  readonly use: (model: Model) => void;
  readonly busy: boolean;
}

function Row({ model, use, busy }: RowProps) {
  const { name, summary, licence, languages = [], megabytes = 0, loaded, installed, fits = true } = model;
  const action = installed ? "Use" : `Fetch ${megabytes} MB and use`;
  return (
    <li>
      <span>
        <b>{name}</b> {summary}
        <small>
          {[languages.filter((code) => code !== "und").slice(0, 6).join(" "), licence].filter(Boolean).join(
            " · ",
          )}
        </small>
      </span>
      {loaded ? <span class="hint">in use</span> : (
        <button
          type="button"
          disabled={busy || !fits}
          aria-label={`${action}: ${name}`}
          onClick={() => use(model)}
        >
          {fits ? action : "Too large"}
        </button>
      )}
    </li>
  );
}

/** It is on its way and nothing has gone wrong with that. */
function isBusy(pull: { readonly failure?: string | undefined } | undefined): boolean {
  return pull !== undefined && pull.failure === undefined;
}
