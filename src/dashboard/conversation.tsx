/** What was said, thought and done, turn by turn. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Store } from "./store.ts";
import { heardSoFar, splitHeard, type ToolView, type TurnView } from "./turns.ts";

/** How often the words being heard are marked anew. */
const MARK_MS = 80;

/** All turns, the newest in sight unless the reader has scrolled away from it. */
export function Conversation({ store }: { readonly store: Store }) {
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const turns = store.turns.value;
  useEffect(() => {
    if (isAtEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  });
  const onScroll = (
    { currentTarget: { scrollTop, clientHeight, scrollHeight } }: { currentTarget: HTMLElement },
  ) => {
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40;
  };
  return (
    <div class="turns" ref={list} onScroll={onScroll} role="log" aria-label="What was said" tabIndex={0}>
      {turns.length === 0 && <p class="hint">Hold space and speak, or type below.</p>}
      <ol>{turns.map((turn) => <Turn key={turn.id} turn={turn} />)}</ol>
    </div>
  );
}

function Turn({ turn }: { readonly turn: TurnView }) {
  const { user, tools, thoughts, errors, end } = turn;
  return (
    <li class="turn">
      {user && user.text && (
        <p class="user">
          <span class="who">You</span>
          <span>{user.text.slice(0, user.stableChars)}</span>
          <span class="unstable">{user.text.slice(user.stableChars)}</span>
        </p>
      )}
      {thoughts && (
        <details class="thoughts">
          <summary>Thoughts</summary>
          <p>{thoughts}</p>
        </details>
      )}
      {tools.map((tool) => <Tool key={tool.callId} tool={tool} />)}
      <Answer turn={turn} />
      {errors.map((message) => <p class="error" key={message}>{message}</p>)}
      {end === "no_speech" && <p class="note">Nothing was understood.</p>}
    </li>
  );
}

function Tool({ tool: { name, args, outcome } }: { readonly tool: ToolView }) {
  return (
    <p class={`tool ${outcome && !outcome.ok ? "failed" : ""}`}>
      <code>{name}({JSON.stringify(args)})</code>
      {outcome ? <code class="outcome">→ {JSON.stringify(outcome.value)}</code> : " …"}
    </p>
  );
}

function Answer({ turn }: { readonly turn: TurnView }) {
  const heard = useHeard(turn);
  if (!turn.answer && !heard) return null;
  const wasCut = turn.end === "interrupted";
  const parts = splitHeard(turn.answer || heard, heard);
  return (
    <p class={`assistant ${wasCut ? "cut" : ""}`}>
      <span class="who">Parley</span>
      <span class="heard">{parts.heard}</span>
      <span class="unheard">{parts.rest}</span>
      {wasCut && <span class="note">(interrupted)</span>}
    </p>
  );
}

/** What has been heard of an answer by now, told anew while it sounds. */
function useHeard(turn: TurnView): string {
  const ticks = useSignal(0);
  const isSounding = turn.soundingSinceMs !== undefined && turn.heard === undefined && !turn.end;
  useEffect(() => {
    if (!isSounding) return;
    const timer = setInterval(() => ticks.value++, MARK_MS);
    return () => clearInterval(timer);
  }, [isSounding]);
  ticks.value; // Read, so that each tick draws again.
  return heardSoFar(turn, performance.now());
}
