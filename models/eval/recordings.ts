/** Recordings of people, and which of them are kept for tests. */
import { createHash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { ParleyError } from "../../pipeline/errors.ts";

/** A file and what is said in it. */
export interface Recording {
  readonly path: string;
  readonly text: string;
}

/** Collections that the starter recogniser learns from: of them only the test speakers are for tests. */
const LEARNED_FROM = new Set(["speech-commands", "wake-words", "lj", "speechocean762"]);
/** Whose speakers cannot be told apart. */
const ONE_SPEAKER = new Set(["lj"]);
/** Of the 256 values of a hash's first byte: a tenth. */
const TEST_BYTES = 26;

/** Whether a speaker of that collection is never trained on. `models/training/` keeps the same rule. */
export function isTestSpeaker(collection: string, speaker: string): boolean {
  return createHash("sha256").update(`${collection}/${speaker}`).digest()[0]! < TEST_BYTES;
}

/**
 * The test recordings of each collection: of the tables `transcripts.tsv` (columns file, text and, where known,
 * speaker) in the folder and in the folders in it. A collection is called as the folder that its files are in. Throws
 * `NOT_FOUND` where there is no such table, `VALIDATION_ERROR` where one lacks a column.
 */
export async function testRecordings(folder: string): Promise<ReadonlyMap<string, readonly Recording[]>> {
  const tables = await tablesIn(folder);
  if (tables.length === 0) {
    const message =
      `"${folder}" has no transcripts.tsv, nor has a folder in it; it lists file, text and speaker.`;
    throw new ParleyError("NOT_FOUND", message, { recoverable: false });
  }
  const collections = new Map<string, Recording[]>();
  for (const table of tables) {
    for (const { file, text, speaker } of parseTranscripts(await Deno.readTextFile(table))) {
      const path = join(dirname(table), file);
      const collection = basename(dirname(path));
      if (!isForTests(collection, speaker && !ONE_SPEAKER.has(collection) ? speaker : basename(path))) {
        continue;
      }
      if (!collections.has(collection)) collections.set(collection, []);
      collections.get(collection)!.push({ path, text });
    }
  }
  return collections;
}

function isForTests(collection: string, speaker: string): boolean {
  return !LEARNED_FROM.has(collection) || isTestSpeaker(collection, speaker);
}

/** A row of a table. */
export interface TranscriptRow {
  readonly file: string;
  readonly text: string;
  /** Empty where nobody knows. */
  readonly speaker: string;
}

/** The rows with text of tab-separated values under a line of names. Throws `VALIDATION_ERROR`. */
export function parseTranscripts(table: string): readonly TranscriptRow[] {
  const [names = [], ...rows] = table.split(/\r?\n/).map((line) => line.split("\t"));
  const [file, text, speaker] = ["file", "text", "speaker"].map((name) => names.indexOf(name));
  if (file === -1 || text === -1) {
    throw new ParleyError(
      "VALIDATION_ERROR",
      "The first line of transcripts.tsv must name the columns file and text.",
      {
        recoverable: false,
      },
    );
  }
  return rows
    .map((row) => ({ file: row[file!] ?? "", text: row[text!]?.trim() ?? "", speaker: row[speaker!] ?? "" }))
    .filter((row) => row.file !== "" && row.text !== "");
}

async function tablesIn(folder: string): Promise<string[]> {
  const inside: string[] = [];
  try {
    // What is no file is a folder, or a link that may lead to one.
    for await (const { name, isFile } of Deno.readDir(folder)) if (!isFile) inside.push(name);
  } catch (cause) {
    throw new ParleyError("NOT_FOUND", `There is no folder "${folder}" of recordings.`, {
      cause,
      recoverable: false,
    });
  }
  const places = ["", ...inside.sort()].map((name) => join(resolve(folder), name, "transcripts.tsv"));
  const here = await Promise.all(
    places.map((place) => Deno.stat(place).then(({ isFile }) => isFile, () => false)),
  );
  return places.filter((_, at) => here[at]);
}
