/** Hooks that run a program. */
import type { Deliver } from "./delivery.ts";

/** What a program finds of the server's environment: enough to run, none of its secrets. */
const PASSED_ON = ["PATH", "HOME", "LANG", "XDG_RUNTIME_DIR", "SYSTEMROOT"];

/** Runs it with the event on its standard input; code 0 is success. Its time over, it and all it started are killed. */
export function runCommand(
  [program = "", ...args]: readonly string[],
  environment: Readonly<Record<string, string>>,
): Deliver {
  const known = PASSED_ON.flatMap((name) =>
    environment[name] === undefined ? [] : [[name, environment[name]]]
  );
  return async ({ event, sessionId, json }, signal) => {
    if (signal.aborted) return "failed"; // An abort that is over reaches no listener: nothing would end it.
    try {
      const child = new Deno.Command(program, {
        args,
        clearEnv: true,
        env: { ...Object.fromEntries(known), PARLEY_EVENT: event, PARLEY_SESSION_ID: sessionId },
        stdin: "piped",
        stdout: "null",
        stderr: "null",
        detached: true,
      }).spawn();
      const end = () => killGroup(child);
      signal.addEventListener("abort", end, { once: true });
      try {
        const told = ReadableStream.from([new TextEncoder().encode(json)]).pipeTo(child.stdin);
        const [{ success }] = await Promise.all([child.status, told.catch(() => {})]); // It need not read.
        return success ? "ok" : signal.aborted ? "later" : "failed";
      } finally {
        signal.removeEventListener("abort", end);
      }
    } catch {
      return "failed"; // There is no such program, or it may not be run.
    }
  };
}

/** A shell's own programs outlive it, and hold its standard input open, unless the whole group ends. */
function killGroup(leader: Deno.ChildProcess): void {
  try {
    // SIGTERM may be ignored. Windows has no groups of this kind: there the program alone is ended.
    if (Deno.build.os === "windows") leader.kill("SIGKILL");
    else Deno.kill(-leader.pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
}
