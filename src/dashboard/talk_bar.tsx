/** Speaking and typing, and what the assistant is doing meanwhile. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { colorOf } from "./colors.ts";
import type { Store } from "./store.ts";
import type { Voice } from "./voice.ts";

interface Props {
  readonly store: Store;
  readonly voice: Voice;
}

/** The bar under the conversation. */
export function TalkBar({ store, voice }: Props) {
  const { state, muted, mode } = store.status.value;
  const isBusy = state === "thinking" || state === "speaking";
  const isContinuous = mode === "continuous";
  return (
    <div class="bar">
      <p class={`state ${muted ? "muted" : state}`} role="status" aria-live="polite">
        {muted ? "muted" : state}
      </p>
      <Level voice={voice} store={store} />
      <div class="buttons">
        <PushToTalk voice={voice} store={store} />
        <button
          type="button"
          role="switch"
          aria-checked={isContinuous}
          onClick={() => isContinuous ? voice.stopListening() : voice.listen("continuous")}
        >
          Keep listening
        </button>
        <button type="button" aria-pressed={muted} onClick={() => voice.mute(!muted)}>Mute</button>
        <button type="button" disabled={!isBusy} onClick={() => voice.interrupt()}>Stop</button>
        <button type="button" onClick={() => voice.demo()}>Demo</button>
      </div>
      <Typing voice={voice} />
      <p class="notice" role="alert">{voice.problem.value || store.notice.value}</p>
    </div>
  );
}

/** Held by mouse, finger or space bar. */
function PushToTalk({ store, voice }: Props) {
  const isHeld = useSignal(false);
  const hold = () => {
    if (isHeld.value) return;
    isHeld.value = true;
    voice.listen("push_to_talk");
  };
  const release = () => {
    if (!isHeld.value) return;
    isHeld.value = false;
    voice.stopListening();
  };
  useEffect(() => {
    const isOurs = ({ code, target }: KeyboardEvent) =>
      code === "Space" && target instanceof Element &&
      (target.id === "talk" ||
        !target.closest("input, textarea, select, button, summary, a, [role=tabpanel]"));
    const onDown = (event: KeyboardEvent) => {
      if (event.code === "Escape") voice.interrupt();
      if (!isOurs(event)) return;
      event.preventDefault();
      hold();
    };
    const onUp = (event: KeyboardEvent) => {
      if (event.code === "Space") release();
    };
    addEventListener("keydown", onDown);
    addEventListener("keyup", onUp);
    addEventListener("blur", release);
    return () => {
      removeEventListener("keydown", onDown);
      removeEventListener("keyup", onUp);
      removeEventListener("blur", release);
    };
  }, [voice]);
  return (
    <button
      type="button"
      id="talk"
      class="primary"
      aria-pressed={isHeld.value}
      disabled={store.connection.value !== "open"}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        hold();
      }}
      onPointerUp={release}
      onPointerCancel={release}
    >
      {isHeld.value ? "Listening …" : "Hold to talk"} <kbd>space</kbd>
    </button>
  );
}

function Typing({ voice }: { readonly voice: Voice }) {
  const text = useSignal("");
  const send = (event: SubmitEvent) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    voice.say(text.value);
    text.value = "";
  };
  return (
    <form class="typing" onSubmit={send}>
      <label for="text">Message</label>
      <input
        id="text"
        autocomplete="off"
        placeholder="Type a message"
        value={text}
        onInput={({ currentTarget }) => text.value = currentTarget.value}
      />
      <button type="submit">Send</button>
    </form>
  );
}

/** The last seconds: yours, shaded where it counts as speech, and the assistant's. */
function Level({ store, voice }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    let frame = requestAnimationFrame(function draw() {
      if (canvas.current) drawBars(canvas.current, voice);
      frame = requestAnimationFrame(draw);
    });
    return () => cancelAnimationFrame(frame);
  }, [voice]);
  const who = store.userSpeaks.value ? "You are speaking" : "You are silent";
  return (
    <canvas
      class="level"
      ref={canvas}
      width={600}
      height={48}
      role="img"
      aria-label={`Sound level. ${who}.`}
    />
  );
}

function drawBars(canvas: HTMLCanvasElement, { waveform }: Voice): void {
  const context = canvas.getContext("2d")!;
  const { width, height } = canvas;
  context.clearRect(0, 0, width, height);
  const { bars } = waveform;
  for (const [index, { source, level, isSpeech }] of bars.entries()) {
    const x = width - (bars.length - index) * 2;
    if (isSpeech) {
      context.fillStyle = colorOf("--speech");
      context.fillRect(x, 0, 2, height);
    }
    context.fillStyle = colorOf(source === "user" ? "--user" : "--assistant");
    const size = Math.max(1, level * height);
    context.fillRect(x, (height - size) / 2, 1.5, size);
  }
}
