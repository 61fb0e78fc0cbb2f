/** `deno task doctor`: what is wrong with this machine, and what to do about it. */
import { starterFiles } from "../../models/selection.ts";
import { systemClock } from "../../pipeline/clock.ts";
import { chooseBackend, type ChosenBackend } from "../audio/choose.ts";
import type { Config } from "../config_schema.ts";
import {
  checkDeno,
  checkDisk,
  checkMemory,
  checkMicrophone,
  checkModels,
  checkPermissions,
  checkPort,
  type CheckResult,
  checkSound,
} from "./doctor_checks.ts";
import { standardScreen, Terminal } from "./terminal.ts";

/** Prints every check with its remedy. Fails when something needs doing. */
export async function doctor(config: Config): Promise<number> {
  const terminal = new Terminal(standardScreen());
  const { audio, host, port } = config;
  const chosen = await chooseBackend(audio.backend, {
    clock: systemClock,
    ...(audio.wav_input && { wavInput: audio.wav_input }),
    ...(audio.wav_output && { wavOutput: audio.wav_output }),
  });
  const results: CheckResult[] = [
    checkDeno(),
    await checkPermissions(),
    checkPort({ host, port }),
    await checkModels(starterFiles()),
    checkMemory(),
    await checkDisk(),
    await checkSound(() => Promise.resolve(found(chosen))),
  ];
  if (chosen.devices.inputs.length > 0) {
    results.push(await checkMicrophone(chosen.backend.microphone(audio.input), systemClock));
  }
  for (const { name, ok, message, remedy } of results) {
    terminal.line(`${ok ? "✓" : "✗"} ${name.padEnd(12)} ${message}`);
    if (remedy) terminal.line(`  ${" ".repeat(12)} ${remedy}`);
  }
  const failed = results.filter(({ ok }) => !ok).length;
  terminal.line(
    failed === 0 ? "\nAll is well: `deno task talk`." : `\n${failed} of ${results.length} need a look.`,
  );
  return failed === 0 ? 0 : 1;
}

function found({ backend, devices: { inputs, outputs }, problem }: ChosenBackend) {
  if (problem) throw new Error(problem);
  return {
    backend: backend.name,
    microphones: inputs.map(({ name }) => name),
    loudspeakers: outputs.map(({ name }) => name),
  };
}
