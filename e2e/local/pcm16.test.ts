import { describe, expect, it } from 'vitest';
import { bytesOf, joinSamples, Pcm16Reader, readWav, samplesOf, toWav } from './pcm16.ts';

const SAMPLES = Int16Array.of(0, 1, -1, 32767, -32768, 258);

describe('PCM16', () => {
  it('is little-endian', () => {
    expect([...bytesOf(Int16Array.of(258, -2))]).toEqual([2, 1, 254, 255]);
    expect([...samplesOf(Uint8Array.of(2, 1, 254, 255, 9))]).toEqual([258, -2]);
  });

  it('is read whole however the bytes are cut', () => {
    const bytes = bytesOf(SAMPLES);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = new Pcm16Reader();
      const parts = [reader.read(bytes.subarray(0, cut)), reader.read(bytes.subarray(cut))];
      expect(joinSamples(parts), `cut at ${cut}`).toEqual(SAMPLES);
    }
  });
});

describe('WAV', () => {
  it('comes back as it was written', () => {
    expect(readWav(toWav({ sampleRate: 22_050, samples: SAMPLES }))).toEqual({
      sampleRate: 22_050,
      samples: SAMPLES,
    });
  });

  it('may hold chunks that nobody needs', () => {
    const wav = toWav({ sampleRate: 16_000, samples: SAMPLES });
    const extra = Uint8Array.from([...Buffer.from('LIST'), 3, 0, 0, 0, 1, 2, 3, 0]);
    const longer = Buffer.concat([wav.subarray(0, 36), extra, wav.subarray(36)]);
    expect(readWav(longer).samples).toEqual(SAMPLES);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['noise', new Uint8Array(100).fill(7)],
    ['a header alone', toWav({ sampleRate: 16_000, samples: SAMPLES }).subarray(0, 36)],
    ['stereo', toWav({ sampleRate: 16_000, samples: SAMPLES }).fill(2, 22, 23)],
  ])('is refused when it is %s', (_, bytes) => {
    expect(() => readWav(bytes)).toThrow(TypeError);
  });
});
