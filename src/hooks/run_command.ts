/** Hooks that run a program. */
import type { Deliver } from "./delivery.ts";

/** What a program finds of the server's environment: enough to run, none of its secrets. */
const PASSED_ON = ["PATH", "HOME", "LANG", "XDG_RUNTIME_DIR", "SYSTEMROOT"];

/** Runs it with the event on its standard input; code 0 is success. Its time over, it is ended. */
export function runCommand(
  [program = "", ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Deliver {
  const known = PASSED_ON.flatMap((name) =>
    environment[name] === undefined ? [] : [[name, environment[name]]]
  );
  return async ({ event, sessionId, json }, signal) => {
    try {
      const child = new Deno.Command(program, {
        args,
        clearEnv: true,
        env: { ...Object.fromEntries(known), PARLEY_EVENT: event, PARLEY_SESSION_ID: sessionId },
        stdin: "piped",
        stdout: "null",
        stderr: "null",
        signal,
      }).spawn();
      const told = ReadableStream.from([new TextEncoder().encode(json)]).pipeTo(child.stdin);
      const [{ success }] = await Promise.all([child.status, told.catch(() => {})]); // It need not read.
      return success ? "ok" : signal.aborted ? "later" : "failed";
    } catch {
      return "failed"; // There is no such program, or it may not be run.
    }
  };
}
