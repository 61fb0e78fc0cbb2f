/** Programs of this machine that evaluation needs: they speak, or decode recordings. */
import type { CallOptions } from "../../pipeline/engines.ts";
import { ParleyError } from "../../pipeline/errors.ts";

/** A program that may be needed. */
export type ProgramName = "espeak-ng" | "flite" | "ffmpeg";

/** Throws `UNAVAILABLE`, naming those that are not installed. */
export async function requirePrograms(names: readonly ProgramName[], call: CallOptions): Promise<void> {
  const absent: string[] = [];
  for (const name of names) {
    const isHere = await run(name, [name === "ffmpeg" ? "-version" : "--version"], call).then(
      () => true,
      (error) => {
        call.signal.throwIfAborted();
        return !(error instanceof Deno.errors.NotFound);
      },
    );
    if (!isHere) absent.push(name);
  }
  if (absent.length === 0) return;
  const message = `This needs ${absent.join(" and ")}: on Debian, \`apt-get install ${absent.join(" ")}\`.`;
  throw new ParleyError("UNAVAILABLE", message, { recoverable: false });
}

/** What the program writes. Throws `UNAVAILABLE` where it is not installed, `SERVER_ERROR` where it fails. */
export async function outputOf(
  name: ProgramName,
  args: readonly string[],
  call: CallOptions,
): Promise<Uint8Array> {
  const { success, stdout } = await run(name, args, call).catch((cause) => {
    call.signal.throwIfAborted();
    throw new ParleyError("UNAVAILABLE", `${name} cannot be run.`, { cause, recoverable: false });
  });
  call.signal.throwIfAborted();
  if (!success) throw new ParleyError("SERVER_ERROR", `${name} failed.`, { recoverable: false });
  return stdout;
}

async function run(
  name: ProgramName,
  args: readonly string[],
  { signal }: CallOptions,
): Promise<Deno.CommandOutput> {
  const command = new Deno.Command(name, {
    args: [...args],
    signal,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  });
  return await command.output();
}
