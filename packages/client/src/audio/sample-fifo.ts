/** First in, first out, for samples that arrive in chunks and leave one by one. Pure; how many it may hold is the caller's. */

export interface SampleFifo {
  readonly length: number;
  push(chunk: Float32Array): void;
  /** Only while length is above 0. */
  take(): number;
  clear(): void;
}

export function createSampleFifo(): SampleFifo {
  let chunks: Float32Array[] = [];
  let head = 0;
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(chunk) {
      if (chunk.length) chunks.push(chunk);
      length += chunk.length;
    },
    take() {
      const chunk = chunks[0] as Float32Array;
      const sample = chunk[head++] as number;
      if (head === chunk.length) {
        chunks.shift();
        head = 0;
      }
      length--;
      return sample;
    },
    clear() {
      chunks = [];
      head = length = 0;
    },
  };
}
