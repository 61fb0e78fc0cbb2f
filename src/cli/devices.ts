/** `deno task devices`: the microphones and loudspeakers there are. */
import { systemClock } from "../../pipeline/clock.ts";
import { chooseBackend } from "../audio/choose.ts";
import type { DeviceInfo } from "../audio/device.ts";
import type { Config } from "../config_schema.ts";
import { standardScreen, Terminal } from "./terminal.ts";

/** Lists the devices of the sound system that would be used. Fails when there is none. */
export async function devices({ audio }: Config): Promise<number> {
  const terminal = new Terminal(standardScreen());
  const { backend, devices: { inputs, outputs }, problem } = await chooseBackend(audio.backend, {
    clock: systemClock,
    ...(audio.wav_input && { wavInput: audio.wav_input }),
    ...(audio.wav_output && { wavOutput: audio.wav_output }),
  });
  terminal.line(
    problem ?? `Through ${backend.name} (* is the default; choose with --audio-input and --audio-output):`,
  );
  const show = (title: string, list: readonly DeviceInfo[]) => {
    terminal.line(`\n${title}`);
    if (list.length === 0) terminal.line("  none");
    for (const { id, name, isDefault } of list) {
      terminal.line(`  ${isDefault ? "*" : " "} ${name}${name === id ? "" : `  (${id})`}`);
    }
  };
  show("Microphones", inputs);
  show("Loudspeakers", outputs);
  return inputs.length + outputs.length > 0 ? 0 : 1;
}
