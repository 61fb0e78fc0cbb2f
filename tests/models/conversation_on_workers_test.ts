/** A conversation over engines that die in the middle of it. */
import assert from "node:assert/strict";
import { loadEngines } from "../../models/host.ts";
import { systemClock } from "../../pipeline/clock.ts";
import { Conversation } from "../../pipeline/conversation.ts";
import type { Fact } from "../../pipeline/events.ts";
import { nullBackend } from "../../src/audio/null.ts";
import { SwitchableMicrophone } from "../../src/audio/switchable_microphone.ts";
import { BROKEN_REGISTRY } from "../support/broken_engines.ts";
import { ENDPOINTING } from "../support/talk.ts";

Deno.test("conversation on workers: one that dies ends its turn with an error, and the next turn is answered", async () => {
  const session = new AbortController();
  const { signal } = session;
  await using engines = await loadEngines({
    vad: { engine: "peak" },
    stt: { engine: "ruler" },
    llm: { engine: "obedient", options: { seen: new Int32Array(new SharedArrayBuffer(12)) } },
    tts: { engine: "typewriter" },
  }, {
    signal,
    catalogue: {
      registry: BROKEN_REGISTRY,
      workerUrl: new URL("../support/broken_worker.ts", import.meta.url),
    },
  });
  const facts: Fact[] = [];
  const conversation = new Conversation({
    engines,
    microphone: new SwitchableMicrophone(),
    loudspeaker: nullBackend({ clock: systemClock }).loudspeaker(),
    clock: systemClock,
    settings: { tools: new Map(), endpointing: ENDPOINTING, systemPrompt: "You are a test." },
    sink: (fact) => void facts.push(fact),
    signal,
  });
  const running = conversation.run();
  for (const text of ["die", "hello", "throw", "hello"]) {
    conversation.message(text);
    await conversation.settled();
  }
  const ends = facts.flatMap((fact) => fact.type === "turn.end" ? [fact.reason] : []);
  assert.deepEqual(ends, ["error", "completed", "error", "completed"]);
  const errors = facts.flatMap((fact) => fact.type === "stage.error" ? [`${fact.stage} ${fact.code}`] : []);
  assert.deepEqual(errors, ["llm MODEL_ERROR", "llm MODEL_ERROR"]);
  const said = facts.flatMap((fact) =>
    fact.type === "message" && fact.role === "assistant" ? [fact.text] : []
  );
  assert.equal(said.at(-1), "load 2", "the second thread answers");
  session.abort("session_closed");
  await running;
});
