/** Answers with what transformers.js itself understands of sounds. */
import { importTransformers, locateModel } from "../../../../models/engines/transformers_source.ts";
import type { PipelineRequest } from "./heard_speech.ts";

const thread = self as unknown as Worker;

thread.onmessage = async ({ data }: MessageEvent<PipelineRequest>) => {
  const { env, pipeline } = await importTransformers();
  const id = await locateModel(data.model, env);
  const recognise = await pipeline("automatic-speech-recognition", id, { dtype: "fp32" });
  const texts: string[] = [];
  for (const samples of data.sounds) {
    const { text } = await recognise(samples, data.options) as { text: string };
    texts.push(text.trim());
  }
  thread.postMessage(texts);
};
