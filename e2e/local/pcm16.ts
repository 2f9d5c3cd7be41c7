/** Little-endian 16-bit mono PCM: bytes to samples and back, and the WAV file around it. Knows nothing of rates beyond the WAV header. */

/** Turns a stream of byte chunks into samples; a chunk may end in the middle of a sample. */
export class Pcm16Reader {
  #odd: number | undefined;

  read(bytes: Uint8Array): Int16Array {
    const whole = this.#odd === undefined ? bytes : Buffer.concat([Uint8Array.of(this.#odd), bytes]);
    this.#odd = whole.length % 2 === 1 ? whole[whole.length - 1] : undefined;
    return samplesOf(whole);
  }
}

/** The samples in a copy of `bytes`; an odd last byte is left out. */
export function samplesOf(bytes: Uint8Array): Int16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Int16Array(bytes.length >> 1);
  for (let i = 0; i < samples.length; i += 1) samples[i] = view.getInt16(2 * i, true);
  return samples;
}

export function bytesOf(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(2 * samples.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < samples.length; i += 1) view.setInt16(2 * i, samples[i] ?? 0, true);
  return bytes;
}

export function joinSamples(parts: readonly Int16Array[]): Int16Array {
  const joined = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

export interface Recording {
  sampleRate: number;
  samples: Int16Array;
}

/** Reads a mono 16-bit PCM WAV file. Throws a TypeError for any other kind. */
export function readWav(bytes: Uint8Array): Recording {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = (at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));
  if (bytes.length < 44 || tag(0) !== 'RIFF' || tag(8) !== 'WAVE') throw new TypeError('not a WAV file');
  let sampleRate = 0;
  for (let at = 12; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    if (tag(at) === 'fmt ') {
      const isMonoPcm16 = view.getUint16(at + 8, true) === 1 && view.getUint16(at + 10, true) === 1;
      if (!isMonoPcm16 || view.getUint16(at + 22, true) !== 16) throw new TypeError('not mono 16-bit PCM');
      sampleRate = view.getUint32(at + 12, true);
    }
    if (tag(at) === 'data' && sampleRate > 0)
      return { sampleRate, samples: samplesOf(bytes.subarray(at + 8, at + 8 + size)) };
    at += 8 + size + (size % 2);
  }
  throw new TypeError('a WAV file without audio');
}

export function toWav({ sampleRate, samples }: Recording): Uint8Array {
  const wav = new Uint8Array(44 + 2 * samples.length);
  const view = new DataView(wav.buffer);
  const text = (at: number, word: string): void => wav.set(Buffer.from(word, 'latin1'), at);
  text(0, 'RIFF');
  view.setUint32(4, wav.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, 2 * sampleRate, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  text(36, 'data');
  view.setUint32(40, 2 * samples.length, true);
  wav.set(bytesOf(samples), 44);
  return wav;
}
