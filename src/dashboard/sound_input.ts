/** The browser's microphone, with the browser's echo cancellation. */

/** A microphone that is open. */
export interface SoundInput {
  readonly sampleRate: number;
  close(): void;
}

/** Opens it and calls `onFrame` with 10 ms at a time. Throws what `getUserMedia` throws. */
export async function openMicrophone(
  context: AudioContext,
  onFrame: (samples: Int16Array) => void,
): Promise<SoundInput> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 },
  });
  await context.audioWorklet.addModule("/dashboard/capture_worklet.js");
  const source = context.createMediaStreamSource(stream);
  const capture = new AudioWorkletNode(context, "capture", { numberOfOutputs: 0 });
  capture.port.onmessage = ({ data }: MessageEvent<Int16Array>) => onFrame(data);
  source.connect(capture);
  return {
    sampleRate: context.sampleRate,
    close() {
      source.disconnect();
      capture.port.close();
      for (const track of stream.getTracks()) track.stop();
    },
  };
}
