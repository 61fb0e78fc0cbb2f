/** The machine's own microphone and loudspeaker, whatever happens to them. */
import type { AudioFrame, Loudspeaker, Microphone, Playback } from "../../pipeline/audio.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { ParleyError, toParleyError } from "../../pipeline/errors.ts";
import { type BackendName, chooseBackend } from "./choose.ts";
import type { AudioBackend, DeviceInfo, Devices } from "./device.ts";
import { nullBackend } from "./null.ts";

/** The settings of the machine's sound. */
export interface MachineAudioSettings {
  readonly backend: BackendName | "auto";
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly wav_input?: string | undefined;
  readonly wav_output?: string | undefined;
}

/** What sound is opened with. */
export interface MachineAudioOptions {
  readonly clock: Clock;
  /** The app's: ends every attempt to get a lost device back. */
  readonly signal: AbortSignal;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Sound that comes back. */
export interface MachineAudio {
  /** For a person: what is used, or why there is nothing. */
  readonly description: string;
  readonly hasMicrophone: boolean;
  readonly microphoneName: string;
  /** Goes on by itself when the device is back; the first frame then follows a gap. */
  readonly microphone: Microphone | undefined;
  /** While the device is lost, answers pass in silence, so that clients still get them. */
  readonly loudspeaker: Loudspeaker;
  readonly selected: { readonly input?: string; readonly output?: string };
  devices(): Promise<Devices>;
  /**
   * Hears and speaks through other devices: the microphone at once, after a gap; the loudspeaker from the next
   * answer on. Throws `NOT_FOUND` for one that is not there; then nothing changes.
   */
  select(
    choice: { readonly input?: string | undefined; readonly output?: string | undefined },
  ): Promise<void>;
  /** Called once when the first device is lost, however many follow. */
  onLost: (error: ParleyError) => void;
  /** Called when all are back. */
  onBack: () => void;
}

/** Waits between attempts to get a device back: soon at first, then rarely enough to cost nothing. */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 2000;

/**
 * Chooses a backend and makes its default (or configured) devices ready to be opened. A configured device that is
 * not there is `NOT_FOUND`.
 */
export async function openMachineAudio(
  settings: MachineAudioSettings,
  options: MachineAudioOptions,
): Promise<MachineAudio> {
  const { clock, environment } = options;
  const { backend: preference, input, output, wav_input: wavInput, wav_output: wavOutput } = settings;
  const { backend, devices, problem } = await chooseBackend(preference, {
    clock,
    ...(environment && { environment }),
    ...(wavInput && { wavInput }),
    ...(wavOutput && { wavOutput }),
  });
  findDevice("microphone", devices.inputs, input);
  findDevice("loudspeaker", devices.outputs, output);
  return new Machine(backend, { ...options, devices, problem, input, output });
}

/** A device that is asked for by name and is not there is a mistake, not a reason to take another. */
function findDevice(
  kind: string,
  devices: Devices["inputs"],
  id: string | undefined,
): DeviceInfo | undefined {
  if (id === undefined) return undefined;
  const device = devices.find((device) => device.id === id);
  if (device) return device;
  throw new ParleyError(
    "NOT_FOUND",
    `There is no ${kind} "${id}"; list_devices and \`deno task devices\` tell which there are.`,
    { recoverable: false },
  );
}

interface MachineOptions extends MachineAudioOptions {
  readonly devices: Devices;
  readonly problem: string | undefined;
  readonly input: string | undefined;
  readonly output: string | undefined;
}

class Machine implements MachineAudio {
  onLost: (error: ParleyError) => void = () => {};
  onBack: () => void = () => {};
  readonly description: string;
  readonly hasMicrophone: boolean;
  readonly microphone: Microphone | undefined;
  readonly loudspeaker: Loudspeaker;
  readonly #backend: AudioBackend;
  readonly #options: MachineOptions;
  readonly #silent: Loudspeaker;
  readonly #lost = new Set<"microphone" | "loudspeaker">();
  /** Undefined where there is none; then none can be chosen either. */
  #input: DeviceInfo | undefined;
  #output: DeviceInfo | undefined;
  /** As they are opened: without an id, the sound system's default, which may change under way. */
  #inputId: string | undefined;
  #outputId: string | undefined;
  #switch = new AbortController();

  constructor(backend: AudioBackend, options: MachineOptions) {
    this.#backend = backend;
    this.#options = options;
    const { devices: { inputs, outputs }, problem, input, output, clock } = options;
    const chosen = (list: Devices["inputs"], id?: string) =>
      list.find((device) => id === undefined ? device.isDefault : device.id === id) ?? list[0];
    this.#input = chosen(inputs, input);
    this.#output = chosen(outputs, output);
    this.#inputId = input;
    this.#outputId = output;
    this.hasMicrophone = this.#input !== undefined;
    const [from, to] = [this.#input?.name ?? "no microphone", this.#output?.name ?? "no loudspeaker"];
    this.description = problem ?? `${backend.name}: ${from} → ${to}`;
    this.#silent = nullBackend({ clock }).loudspeaker();
    this.microphone = this.#input && { open: (how) => this.#listen(how) };
    this.loudspeaker = this.#output ? { open: (how) => this.#open(how) } : this.#silent;
  }

  get microphoneName(): string {
    return this.#input?.name ?? "none";
  }

  get selected(): { readonly input?: string; readonly output?: string } {
    return {
      ...(this.#input && { input: this.#input.id }),
      ...(this.#output && { output: this.#output.id }),
    };
  }

  async select({ input, output }: Parameters<MachineAudio["select"]>[0]): Promise<void> {
    const { inputs, outputs } = await this.devices();
    const from = findDevice("microphone", inputs, input);
    const to = findDevice("loudspeaker", outputs, output);
    if (to) [this.#output, this.#outputId] = [to, to.id];
    if (!from || from.id === this.#inputId) return;
    [this.#input, this.#inputId] = [from, from.id];
    this.#switch.abort();
    this.#switch = new AbortController();
  }

  devices(): Promise<Devices> {
    return this.#backend.devices().catch(() => ({ inputs: [], outputs: [] }));
  }

  async *#listen(how: Parameters<Microphone["open"]>[0]): AsyncIterable<AudioFrame> {
    const { clock } = this.#options;
    let waitMs = FIRST_WAIT_MS;
    for (let again = false;; again = true) {
      const switched = this.#switch.signal;
      const signal = AbortSignal.any([how.signal, switched]);
      try {
        let first = again;
        for await (const frame of this.#backend.microphone(this.#inputId).open({ ...how, signal })) {
          if (first) this.#found("microphone");
          yield first ? { ...frame, gap: true } : frame;
          first = false;
          waitMs = FIRST_WAIT_MS;
        }
        return;
      } catch (error) {
        how.signal.throwIfAborted();
        if (switched.aborted) continue;
        this.#lose("microphone", error);
        await clock.sleep(waitMs, how.signal);
        waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
      }
    }
  }

  async #open(how: Parameters<Loudspeaker["open"]>[0]): Promise<Playback> {
    if (this.#lost.has("loudspeaker")) return await this.#silent.open(how);
    try {
      const playback = await this.#backend.loudspeaker(this.#outputId).open(how);
      return this.#watched(playback, how.signal);
    } catch (error) {
      how.signal.throwIfAborted();
      this.#loseLoudspeaker(error);
      return await this.#silent.open(how);
    }
  }

  /** The playback, whose loss is noticed here as well as by whoever plays. */
  #watched(playback: Playback, signal: AbortSignal): Playback {
    const watch = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        if (!signal.aborted) this.#loseLoudspeaker(error);
        throw error;
      }
    };
    return {
      started: playback.started,
      get playedMs() {
        return playback.playedMs;
      },
      write: (frame) => watch(playback.write(frame)),
      drain: () => watch(playback.drain()),
      cut: () => playback.cut(),
      [Symbol.asyncDispose]: () => playback[Symbol.asyncDispose](),
    };
  }

  #loseLoudspeaker(error: unknown): void {
    const known = this.#lost.has("loudspeaker");
    this.#lose("loudspeaker", error);
    if (!known) this.#awaitLoudspeaker().catch(() => {}); // Ends only by the app's signal.
  }

  /** Asks now and then whether there is a loudspeaker again: nothing else would tell. */
  async #awaitLoudspeaker(): Promise<void> {
    const { clock, signal } = this.#options;
    for (let waitMs = FIRST_WAIT_MS;; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2)) {
      await clock.sleep(waitMs, signal);
      const { outputs } = await this.devices();
      if (outputs.length > 0) return this.#found("loudspeaker");
    }
  }

  #lose(device: "microphone" | "loudspeaker", error: unknown): void {
    const first = this.#lost.size === 0;
    this.#lost.add(device);
    if (first) this.onLost(toParleyError(error, "DEVICE_ERROR"));
  }

  #found(device: "microphone" | "loudspeaker"): void {
    if (this.#lost.delete(device) && this.#lost.size === 0) this.onBack();
  }
}
