/** Running a tool that the language model asked for. */
import type { Message, ToolCall } from "../engines.ts";
import { ParleyError, toParleyError } from "../errors.ts";
import type { Toolbox } from "../tools.ts";
import type { Attempt } from "../turn.ts";

/**
 * Runs `call` and returns its result as the model reads it. A tool that changes things waits until the
 * attempt is committed. A failure is told, and the model reads `{"error": …}`: the turn goes on.
 */
export async function runTool(call: ToolCall, tools: Toolbox, attempt: Attempt): Promise<Message> {
  const { callId, name, args } = call;
  const answer = (content: unknown): Message => (
    { role: "tool", callId, name, content: JSON.stringify(content ?? null) }
  );
  const tool = tools.get(name);
  if (tool && !tool.pure) await attempt.committed;
  attempt.emit({ type: "tool.call", callId, name, args });
  const startMs = attempt.clock.now();
  try {
    if (!tool) throw new ParleyError("NOT_FOUND", `There is no tool called "${name}".`);
    const result = await tool.run(args, {
      signal: attempt.signal,
      progress: (output) => attempt.emit({ type: "tool.progress", callId, name, output }),
      emit: (fact) => attempt.emit(fact),
    });
    attempt.signal.throwIfAborted();
    attempt.emit({ type: "tool.result", callId, name, result, durationMs: attempt.clock.now() - startMs });
    return answer(result);
  } catch (error) {
    attempt.signal.throwIfAborted();
    const { code, message } = toParleyError(error);
    attempt.emit({ type: "tool.error", callId, name, code, message });
    return answer({ error: message });
  }
}
