/**
 * Cuts a stream of samples at any rate into PCM16 frames of equal length at the target rate. Pure: where samples
 * come from and where frames go is left to the capture worklet.
 */
import { rms, toPcm16 } from './pcm.ts';
import { createResampler } from './resampler.ts';

/** 20 ms, the length that speech providers and codecs reckon with. */
const FRAMES_PER_SECOND = 50;

/** Makes a sink for samples at `inputRate` Hz; `emit` gets each full frame at `outputRate` Hz and its level. */
export function createCaptureFrames(
  inputRate: number,
  outputRate: number,
  emit: (frame: Uint8Array<ArrayBuffer>, level: number) => void,
): (samples: Float32Array) => void {
  const resampler = createResampler(inputRate, outputRate);
  const frame = new Float32Array(outputRate / FRAMES_PER_SECOND);
  let filled = 0;
  return (samples) => {
    for (const sample of samples) {
      resampler.push(sample);
      for (let out; (out = resampler.pull()) !== undefined;) {
        frame[filled++] = out;
        if (filled < frame.length) continue;
        filled = 0;
        emit(toPcm16(frame), rms(frame));
      }
    }
  };
}
