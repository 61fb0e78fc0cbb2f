/** A command-line program compiled to WebAssembly (WASI), run again and again in one instance. */
import { ConsoleStdout, type Fd, File, OpenFile, PreopenDirectory, WASI } from "@bjorn3/browser_wasi_shim";

/** What one run of a program left behind. */
export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** What was written to each of the files in the working directory. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * A program that is instantiated once. Making an instance a run would cost 46 ms and leave its memory (20 MB
 * for flite) to a collector that does not see it; putting back the memory's first image costs 1.5 ms.
 */
export class WasiProgram {
  readonly #instance: { readonly exports: { memory: WebAssembly.Memory; _start: () => unknown } };
  readonly #image: Uint8Array;
  #wasi = new WASI([], [], []);

  private constructor(module: WebAssembly.Module) {
    const imports: Record<string, (...parameters: unknown[]) => unknown> = {};
    for (const { name } of WebAssembly.Module.imports(module)) {
      imports[name] = (...parameters) => this.#wasi.wasiImport[name]!(...parameters);
    }
    const { exports } = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports });
    const { memory, _start: start } = exports;
    if (!(memory instanceof WebAssembly.Memory) || typeof start !== "function") {
      throw new TypeError("Cannot run a module that is not a WASI command");
    }
    this.#instance = { exports: { memory, _start: () => start() } };
    this.#image = new Uint8Array(memory.buffer).slice();
  }

  static async compile(code: BufferSource): Promise<WasiProgram> {
    return new WasiProgram(await WebAssembly.compile(code));
  }

  /** Runs it to its end, which nothing can interrupt: give it little at a time. */
  run(command: readonly string[], files: Readonly<Record<string, string>> = {}): RunResult {
    let stdout = "";
    const directory = new PreopenDirectory(".", new Map(Object.entries(files).map(fileOf)));
    const descriptors: Fd[] = [
      new OpenFile(new File([])),
      ConsoleStdout.lineBuffered((line) => stdout += `${line}\n`),
      ConsoleStdout.lineBuffered(() => {}),
      directory,
    ];
    this.#wasi = new WASI([...command], [], descriptors, { debug: false });
    const memory = new Uint8Array(this.#instance.exports.memory.buffer);
    memory.set(this.#image);
    memory.fill(0, this.#image.length);
    const exitCode = this.#wasi.start(this.#instance);
    return { exitCode, stdout, files: new Map(contentsOf(directory)) };
  }
}

function fileOf([name, text]: [string, string]): [string, File] {
  return [name, new File(new TextEncoder().encode(text))];
}

function* contentsOf({ dir }: PreopenDirectory): Iterable<[string, Uint8Array]> {
  for (const [name, entry] of dir.contents) if (entry instanceof File) yield [name, entry.data];
}
