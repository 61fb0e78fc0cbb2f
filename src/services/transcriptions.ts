/** `POST /v1/audio/transcriptions` */
import { z } from "zod";
import { check, readBody } from "./body.ts";
import { type Answer, type Endpoint, eventStream, type ServiceCall, whole, wholeJson } from "./call.ts";
import { invalid } from "./errors.ts";
import { engineFor } from "./models.ts";
import { piecesOf } from "./recording.ts";
import { type Heard, type HeardPiece, transcribe } from "./transcribe.ts";
import { cuesOf, textOf, toSrt, toVerbose, toVtt, usageOf } from "./transcript_formats.ts";
import { openWav } from "./wav_file.ts";

/** The largest recording, as at OpenAI: 13 minutes of 16-bit mono at 16 kHz. */
const MAX_FILE_BYTES = 25_000_000;
/** For the other fields, and what stands between them. */
const OTHER_FIELDS_BYTES = 65_536;

/** `prompt`, `temperature` and whatever else OpenAI knows say nothing to these engines and are passed over. */
const fields = z.object({
  file: z.instanceof(File, { error: "the recording must be there, as a file" }),
  model: z.string(),
  language: z.string().regex(/^[a-z]{2,3}(-[a-z0-9]+)*$/i, "use a code as en or de").optional(),
  response_format: z.enum(["json", "text", "verbose_json", "srt", "vtt"]).default("json"),
  stream: z.stringbool().default(false),
  timestamp_granularities: z.array(z.enum(["word", "segment"])).default([]),
}).superRefine(({ stream, response_format, timestamp_granularities }, context) => {
  const refuse = (field: string, message: string) =>
    context.addIssue({ code: "custom", path: [field], message });
  if (stream && response_format !== "json" && response_format !== "text") {
    refuse("response_format", `a stream is "json"; ask for ${response_format} without stream`);
  }
  if (timestamp_granularities.length > 0 && response_format !== "verbose_json") {
    refuse("timestamp_granularities", 'times come with response_format "verbose_json" alone');
  }
});

type Fields = z.output<typeof fields>;

/** Answers what is said in a recording. */
export const transcriptions: Endpoint = async (call) => {
  const asked = check(await formOf(call), fields);
  const stt = engineFor("stt", asked.model, call.engines);
  if (asked.file.size > MAX_FILE_BYTES) throw tooLarge();
  const wav = openWav(new Uint8Array(await asked.file.arrayBuffer()));
  const heard = transcribe(piecesOf(wav, call.signal), {
    stt,
    signal: call.signal,
    ...(asked.language !== undefined && { language: asked.language }),
  });
  if (asked.stream) return eventStream(toEvents(heard));
  return answer(heard, asked);
};

async function* toEvents(heard: AsyncIterable<Heard>): AsyncIterable<object> {
  const pieces: HeardPiece[] = [];
  for await (const part of heard) {
    if (part.type === "delta") yield { type: "transcript.text.delta", delta: part.delta };
    else pieces.push(part);
  }
  yield { type: "transcript.text.done", text: textOf(pieces) };
}

function answer(heard: AsyncIterable<Heard>, asked: Fields): Answer {
  const pieces = async () =>
    (await Array.fromAsync(heard)).filter((part): part is Heard & HeardPiece => part.type === "piece");
  switch (asked.response_format) {
    case "json":
      return wholeJson(async () => jsonOf(await pieces()));
    case "text":
      return whole("text/plain; charset=utf-8", async () => `${textOf(await pieces())}\n`);
    case "srt":
      return whole("application/x-subrip; charset=utf-8", async () => toSrt(cuesOf(await pieces())));
    case "vtt":
      return whole("text/vtt; charset=utf-8", async () => toVtt(cuesOf(await pieces())));
    case "verbose_json":
      return wholeJson(async () => verboseOf(await pieces(), asked));
  }
}

function jsonOf(pieces: readonly HeardPiece[]) {
  return { text: textOf(pieces), usage: usageOf(pieces) };
}

function verboseOf(pieces: readonly HeardPiece[], { language, timestamp_granularities }: Fields) {
  if (timestamp_granularities.includes("word") && pieces.some(({ text, words }) => text && !words)) {
    const param = "timestamp_granularities";
    throw invalid(`${param}: this model does not tell the times of words; ask for "segment".`, { param });
  }
  const granularities = timestamp_granularities.length > 0 ? timestamp_granularities : ["segment" as const];
  return toVerbose(pieces, { language, granularities });
}

async function formOf({ request, signal, patienceMs }: ServiceCall): Promise<unknown> {
  const contentType = request.headers.get("content-type") ?? "";
  if (!contentType.startsWith("multipart/form-data")) {
    throw invalid("Send the recording as multipart/form-data, in a field called file.");
  }
  const maxBytes = MAX_FILE_BYTES + OTHER_FIELDS_BYTES;
  const body = await readBody(request, { signal, patienceMs, maxBytes });
  let form: FormData;
  try {
    form = await new Response(body, { headers: { "content-type": contentType } }).formData();
  } catch {
    throw invalid("The form cannot be read: it is cut off, or not multipart/form-data.");
  }
  const { "timestamp_granularities[]": _, ...single } = Object.fromEntries(form);
  const granularities = [
    ...form.getAll("timestamp_granularities[]"),
    ...form.getAll("timestamp_granularities"),
  ];
  return { ...single, ...(granularities.length > 0 && { timestamp_granularities: granularities }) };
}

function tooLarge() {
  return invalid(`The recording has more than ${MAX_FILE_BYTES / 1e6} MB; send it in parts.`, {
    param: "file",
    status: 413,
  });
}
