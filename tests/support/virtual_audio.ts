/**
 * A virtual microphone and loudspeaker: a private PulseAudio with one stereo sink, a "room", whose left channel
 * is the loudspeaker and whose right one is what the microphone hears. Recording the room gives both sides in
 * one file, sample by sample: what is measured there is what a person would measure with a tape recorder.
 */
import { encodeWav, parseWav, type Recording } from "../../src/audio/wav.ts";

/** Rate of everything in the room. */
const ROOM_RATE_HZ = 48_000;

/** Both sides of a recording of the room. */
export interface RoomRecording {
  readonly sampleRateHz: number;
  readonly microphone: Float32Array;
  readonly loudspeaker: Float32Array;
}

/** A room. Disposing ends its sound server. */
export interface VirtualAudio extends AsyncDisposable {
  /** For programs that are to use these devices. */
  readonly environment: Readonly<Record<string, string>>;
  /** Plays a recording into the microphone; resolves when it is over. */
  speak(recording: Recording): Promise<void>;
  /** Records the room until stopped. */
  record(): Promise<{ stop(): Promise<RoomRecording> }>;
  /** Ends the sound server as a crash would. */
  kill(): Promise<void>;
  /** Starts it again. */
  restart(): Promise<void>;
}

/** Whether the programs are there. Where they are not, tests of devices are ignored. */
export function hasVirtualAudio(): boolean {
  return ["pulseaudio", "pactl", "parec", "pacat"].every((program) => {
    try {
      return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
        .success;
    } catch {
      return false;
    }
  });
}

const MODULES = [
  "module-native-protocol-unix",
  `module-null-sink sink_name=room channels=2 channel_map=front-left,front-right rate=${ROOM_RATE_HZ}`,
  "module-remap-sink sink_name=loudspeaker master=room channels=1 channel_map=mono master_channel_map=front-left remix=no",
  "module-remap-sink sink_name=mouth master=room channels=1 channel_map=mono master_channel_map=front-right remix=no",
  "module-remap-source source_name=microphone master=room.monitor channels=1 channel_map=mono master_channel_map=front-right remix=no",
  "module-remap-source source_name=second_microphone master=room.monitor channels=1 channel_map=mono master_channel_map=front-left remix=no",
];

/** Builds a room. */
export async function virtualAudio(): Promise<VirtualAudio> {
  const folder = await Deno.makeTempDir({ prefix: "parley-room-" });
  await Deno.chmod(folder, 0o700);
  const environment = {
    XDG_RUNTIME_DIR: folder,
    PULSE_SERVER: `unix:${folder}/pulse/native`,
    PULSE_RUNTIME_PATH: `${folder}/pulse`,
    PULSE_COOKIE: `${folder}/cookie`,
  };
  const room = new Room(folder, environment);
  await room.restart();
  return room;
}

class Room implements VirtualAudio {
  #server: Deno.ChildProcess | undefined;

  constructor(readonly folder: string, readonly environment: Readonly<Record<string, string>>) {}

  async speak({ samples, sampleRateHz }: Recording): Promise<void> {
    const path = await Deno.makeTempFile({ dir: this.folder, suffix: ".wav" });
    await Deno.writeFile(path, encodeWav({ samples, sampleRateHz }));
    await this.#run("paplay", ["--device=mouth", "--latency-msec=20", path]);
    await Deno.remove(path);
  }

  async record() {
    const path = `${this.folder}/${crypto.randomUUID()}.wav`;
    const recorder = new Deno.Command("parec", {
      args: [
        "--device=room.monitor",
        "--file-format=wav",
        `--rate=${ROOM_RATE_HZ}`,
        "--channels=2",
        "--latency-msec=20",
        path,
      ],
      env: this.environment,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(async () => (await Deno.stat(path)).size > 44);
    return {
      async stop(): Promise<RoomRecording> {
        await pause(100);
        recorder.kill("SIGINT");
        await recorder.status;
        const bytes = await Deno.readFile(path);
        await Deno.remove(path);
        return bothSides(bytes);
      },
    };
  }

  async kill(): Promise<void> {
    this.#server?.kill("SIGKILL");
    await this.#server?.status;
    this.#server = undefined;
  }

  async restart(): Promise<void> {
    await this.kill();
    await Deno.remove(`${this.folder}/pulse`, { recursive: true }).catch(() => {});
    this.#server = new Deno.Command("pulseaudio", {
      args: [
        "-n",
        "--daemonize=no",
        "--exit-idle-time=-1",
        "--use-pid-file=no",
        "--disallow-exit",
        ...MODULES.flatMap((module) => ["-L", module]),
      ],
      env: this.environment,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(() => this.#run("pactl", ["info"]));
    await this.#run("pactl", ["set-default-sink", "loudspeaker"]);
    await this.#run("pactl", ["set-default-source", "microphone"]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.folder, { recursive: true });
  }

  async #run(command: string, args: readonly string[]): Promise<void> {
    const { success } = await new Deno.Command(command, {
      args: [...args],
      env: this.environment,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
  }
}

function bothSides(wav: Uint8Array): RoomRecording {
  // parec writes 16-bit stereo behind a header whose sizes it cannot know before the end.
  const view = new DataView(wav.buffer, wav.byteOffset);
  const frames = Math.floor((wav.length - 44) / 4);
  const side = (offset: number) =>
    Float32Array.from({ length: frames }, (_, i) => view.getInt16(44 + i * 4 + offset, true) / 32768);
  return { sampleRateHz: ROOM_RATE_HZ, loudspeaker: side(0), microphone: side(2) };
}

/** Tries until it works, for ten seconds at most. */
async function until(work: () => Promise<boolean | void>): Promise<void> {
  let error: unknown = new Error("It did not happen in time");
  for (let attempt = 0; attempt < 200; attempt++) {
    try {
      if (await work() !== false) return;
    } catch (cause) {
      error = cause;
    }
    await pause(50);
  }
  throw error;
}

/** Real time is what these tests are about. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** A recording from the fixtures. */
export async function fixture(path: string): Promise<Recording> {
  return parseWav(await Deno.readFile(new URL(`../fixtures/${path}`, import.meta.url)));
}
