/** What this machine has to run models with. */
import { availableParallelism, freemem } from "node:os";
import type { Machine } from "./catalog.ts";

/** Of the memory that is free now, models may fill so much; the rest is for whatever else runs. */
const SHARE_FOR_MODELS = 0.6;
/** More threads than this make none of the models faster that fit a processor. */
const MOST_THREADS = 4;

/** This machine as it is now. `gpu`: whether `device` runs on one, where that is `auto` whether it would. */
export function thisMachine(device = "auto"): Machine {
  const free = Deno.systemMemoryInfo().available || freemem();
  return { memoryBytes: Math.round(free * SHARE_FOR_MODELS), gpu: gpuDevice(device) !== undefined };
}

/** Half the processors, so that sound and sessions always find one that is free. */
export function usualThreads(): number {
  return Math.max(1, Math.min(MOST_THREADS, Math.floor(availableParallelism() / 2)));
}

/** The graphics processor that `device` asks for; for `auto` NVIDIA's, where its driver is loaded. */
export function gpuDevice(device: string): string | undefined {
  if (device === "auto") return hasNvidiaDriver() ? "cuda" : undefined;
  return device === "cpu" || device === "wasm" ? undefined : device;
}

function hasNvidiaDriver(): boolean {
  if (Deno.build.os !== "linux") return false;
  try {
    Deno.statSync("/proc/driver/nvidia/version");
    return true;
  } catch {
    return false;
  }
}
