/** What can be wrong with a machine, a check each. None throws: what goes wrong is the result. */
import { freemem } from "node:os";
import { statfs } from "node:fs/promises";
import { concatSamples, durationMs, levelDb, type Microphone } from "../../pipeline/audio.ts";
import type { Clock } from "../../pipeline/clock.ts";
import { isWholeOnnx } from "./onnx_file.ts";

/** What a check found. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  /** What was found. */
  readonly message: string;
  /** What a person can do about it; there where `ok` is false, and where things could be better. */
  readonly remedy?: string;
}

/** The oldest Deno that everything is tested with. */
const OLDEST_DENO = [2, 9] as const;
/** What Parley needs of a process, with what for. */
const PERMISSIONS = {
  net: "serve clients",
  read: "read its models and settings",
  write: "keep memories and recordings",
  env: "read its settings",
  run: "reach microphone and loudspeaker",
  ffi: "run its models",
  sys: "know the machine's memory",
} as const satisfies Partial<Record<Deno.PermissionName, string>>;
/** The resident memory that a server with the starter engines stays under. */
const NEEDED_MEMORY_BYTES = 700e6;
/** Recordings and logs of a long session. */
const NEEDED_DISK_BYTES = 100e6;
/** The rate speech is heard at. */
const CAPTURE_RATE_HZ = 16_000;
const CAPTURE_MS = 1000;
/** A microphone that has given nothing for so long gives nothing. */
const CAPTURE_PATIENCE_MS = 5000;
/** Below this not even a quiet room is heard: the microphone is muted or turned down. */
const SILENT_DB = -75;

/** Whether this Deno is new enough. */
export function checkDeno(version: string = Deno.version.deno): CheckResult {
  const name = "deno";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const enough = major > OLDEST_DENO[0] || (major === OLDEST_DENO[0] && minor >= OLDEST_DENO[1]);
  if (enough) return { name, ok: true, message: `Deno ${version}` };
  const oldest = OLDEST_DENO.join(".");
  return {
    name,
    ok: false,
    message: `Deno ${version} is older than ${oldest}.`,
    remedy: "Update with `deno upgrade`, or `npm install -g deno`.",
  };
}

/** Whether the process may do what a server does. */
export async function checkPermissions(
  isGranted: (name: keyof typeof PERMISSIONS) => Promise<boolean> = isGrantedHere,
): Promise<CheckResult> {
  const name = "permissions";
  const all = Object.keys(PERMISSIONS) as (keyof typeof PERMISSIONS)[];
  const granted = await Promise.all(all.map(isGranted));
  const missing = all.filter((_, index) => !granted[index]);
  if (missing.length === 0) return { name, ok: true, message: "all granted" };
  return {
    name,
    ok: false,
    message: `Not allowed to ${missing.map((permission) => PERMISSIONS[permission]).join(", or to ")}.`,
    remedy: `Start with \`deno task\`, or add ${
      missing.map((permission) => `--allow-${permission}`).join(" ")
    }.`,
  };
}

async function isGrantedHere(name: keyof typeof PERMISSIONS): Promise<boolean> {
  return (await Deno.permissions.query({ name })).state === "granted";
}

/** Whether the server could listen at `host` and `port`. Listens there for a moment. */
export function checkPort({ host, port }: { readonly host: string; readonly port: number }): CheckResult {
  const name = "port";
  try {
    Deno.listen({ hostname: host, port }).close();
    return { name, ok: true, message: port === 0 ? "any free port" : `${host}:${port} is free` };
  } catch (error) {
    const inUse = error instanceof Deno.errors.AddrInUse;
    const message = inUse ? `Port ${port} of ${host} is in use.` : `Cannot listen on ${host}, port ${port}.`;
    const remedy = inUse
      ? "Stop what listens there (another Parley?), or choose another with --port."
      : "Choose an address of this machine with --host and a port above 1023 with --port.";
    return { name, ok: false, message, remedy };
  }
}

/**
 * Whether the weights are there and whole. `models`: URLs of ONNX files, or, with a slash at the end, of
 * folders in Hugging Face layout.
 */
export async function checkModels(models: readonly string[]): Promise<CheckResult> {
  const name = "models";
  const files = models.flatMap((model) =>
    model.endsWith("/")
      ? ["config.json", "tokenizer.json", "onnx/model.onnx"].map((file) => new URL(file, model))
      : [new URL(model)]
  );
  const faults = (await Promise.all(files.map(faultOf))).filter((fault) => fault !== undefined);
  if (faults.length === 0) return { name, ok: true, message: `${models.length} starter models are whole` };
  return {
    name,
    ok: false,
    message: `${faults.join("; ")}.`,
    remedy: "Restore models/starter from the repository, for example with `git checkout -- models/starter`.",
  };
}

async function faultOf(file: URL): Promise<string | undefined> {
  const shown = file.pathname.split("/").slice(-3).join("/");
  try {
    const bytes = await Deno.readFile(file);
    if (shown.endsWith(".json")) JSON.parse(new TextDecoder().decode(bytes));
    else if (!isWholeOnnx(bytes)) return `${shown} is not a whole ONNX model`;
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return `${shown} is missing`;
    return `${shown} ${error instanceof SyntaxError ? "is not JSON" : "cannot be read"}`;
  }
}

/** The sound backend that was chosen and what it reaches. */
export interface SoundFound {
  readonly backend: string;
  readonly microphones: readonly string[];
  readonly loudspeakers: readonly string[];
}

/** Whether there is a way to microphone and loudspeaker. `find` chooses a backend and asks it. */
export async function checkSound(find: () => Promise<SoundFound>): Promise<CheckResult> {
  const name = "sound";
  const remedy =
    "Connect a device, or on Linux start PipeWire or PulseAudio; text and clients with their own " +
    "audio work without.";
  try {
    const { backend, microphones, loudspeakers } = await find();
    const counts = `${microphones.length} microphones and ${loudspeakers.length} loudspeakers by ${backend}`;
    if (microphones.length > 0 && loudspeakers.length > 0) return { name, ok: true, message: counts };
    return { name, ok: false, message: `Found ${counts}.`, remedy };
  } catch (error) {
    return { name, ok: false, message: messageOf(error), remedy };
  }
}

/** Whether the microphone delivers, and how loud: listens for a second, five at the most. */
export async function checkMicrophone(microphone: Microphone, clock: Clock): Promise<CheckResult> {
  const name = "microphone";
  try {
    const samples = await capture(microphone, clock);
    const level = levelDb(samples);
    if (samples.length === 0) {
      return {
        name,
        ok: false,
        message: "It opens but delivers nothing.",
        remedy: "Choose another with --audio-input.",
      };
    }
    const message = level === -Infinity ? "digital silence" : `${Math.round(level)} dB`;
    if (level > SILENT_DB) return { name, ok: true, message };
    return {
      name,
      ok: false,
      message: `It hears nothing (${message}).`,
      remedy: "Unmute it or turn it up in the system's settings, or choose another with --audio-input.",
    };
  } catch (error) {
    return {
      name,
      ok: false,
      message: messageOf(error),
      remedy: "See the devices with `deno task devices`.",
    };
  }
}

/** A second of sound, or what came until patience ran out. */
async function capture(microphone: Microphone, clock: Clock): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const patience = clock.sleep(CAPTURE_PATIENCE_MS, signal).then(() => controller.abort(), () => {});
  try {
    let heardMs = 0;
    for await (const frame of microphone.open({ signal, sampleRateHz: CAPTURE_RATE_HZ })) {
      parts.push(frame.samples);
      heardMs += durationMs(frame);
      if (heardMs >= CAPTURE_MS) break;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    controller.abort();
    await patience;
  }
  return concatSamples(parts);
}

/** Whether temporary files can be written, and how much room there is. */
export async function checkDisk(): Promise<CheckResult> {
  const name = "disk";
  const remedy = "Free some space, or set TMPDIR to a folder that can be written.";
  try {
    const path = await Deno.makeTempFile({ prefix: "parley-doctor-" });
    try {
      await Deno.writeTextFile(path, name);
      const { bavail, bsize } = await statfs(path);
      const message = `${megabytes(bavail * bsize)} free for temporary files`;
      const ok = bavail * bsize >= NEEDED_DISK_BYTES;
      return ok ? { name, ok, message } : { name, ok, message: `Only ${message}.`, remedy };
    } finally {
      await Deno.remove(path);
    }
  } catch {
    return { name, ok: false, message: "Temporary files cannot be written.", remedy };
  }
}

/** Whether there is memory for a server with the starter engines. */
export function checkMemory(availableBytes: number = availableMemory()): CheckResult {
  const name = "memory";
  const message = `${megabytes(availableBytes)} available`;
  if (availableBytes >= NEEDED_MEMORY_BYTES) return { name, ok: true, message };
  const remedy = `Close other programs; ${megabytes(NEEDED_MEMORY_BYTES)} are needed.`;
  return { name, ok: false, message: `Only ${message}.`, remedy };
}

/** Counts what the system would give back, where it tells that. */
function availableMemory(): number {
  return Deno.systemMemoryInfo().available || freemem();
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
