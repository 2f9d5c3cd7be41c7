/** What one would hear, at one sample a step: the output rate equals the rate of the audio. */
import { describe, expect, it } from 'vitest';
import { toPcm16 } from './pcm.ts';
import { PlaybackQueue } from './playback-queue.ts';

const RATE = 24_000;
const MS = RATE / 1000;

function open({ budgetSeconds = 120, outputRate = RATE } = {}) {
  const queue = new PlaybackQueue({ sampleRate: RATE, budgetSeconds }, outputRate);
  const render = (ms: number) => {
    const output = new Float32Array((ms * outputRate) / 1000);
    queue.render(output);
    return [...output];
  };
  const push = (ms: number, sample: (i: number) => number = () => 0.5) =>
    queue.push(toPcm16(Array.from({ length: ms * MS }, (_, i) => sample(i))));
  return { queue, render, push, status: queue.status };
}

const isHeard = (samples: number[]) => samples.some((sample) => sample !== 0);
const steepestStep = (samples: number[]) =>
  samples.reduce(
    (most, sample, i) => Math.max(most, i ? Math.abs(sample - (samples[i - 1] as number)) : 0),
    0,
  );
/** The step of a fade over 10 ms from half of full scale. */
const FADE_STEP = 0.5 / (10 * MS);

describe('start-up buffer', () => {
  it('begins at once when 60 ms wait', () => {
    const { push, render, status } = open();
    push(59);
    expect(isHeard(render(1))).toBe(false);
    push(1);
    expect(render(1)).toEqual(Array(MS).fill(0.5));
    expect(status.playing).toBe(true);
  });

  it('begins after 60 ms with what there is, so that a short sound is heard', () => {
    const { push, render } = open();
    push(20);
    expect(isHeard(render(59))).toBe(false);
    expect(isHeard(render(2))).toBe(true);
  });

  it('plays every sample once, in order', () => {
    const { push, render } = open();
    const ramp = (i: number) => i / 32768;
    push(100, ramp);
    expect(render(100)).toEqual(Array.from({ length: 100 * MS }, (_, i) => ramp(i)));
  });
});

describe('underrun', () => {
  it('fades out and in again, and is counted', () => {
    const { push, render, status } = open();
    push(60);
    const before = render(100);
    push(80);
    const after = render(80);
    expect(steepestStep([...before.slice(1), ...after])).toBeLessThan(FADE_STEP * 1.01);
    expect(status).toMatchObject({ underruns: 1, bufferMs: 80, playing: true });
  });

  it('clicks not even when the next audio comes in the midst of its fade', () => {
    const { push, render } = open();
    push(60);
    const before = render(65);
    push(100, () => -0.5);
    expect(steepestStep([...before.slice(1), ...render(100)])).toBeLessThan(FADE_STEP * 1.01);
  });

  it('lengthens the buffer to 240 ms and not further', () => {
    const { push, render, status } = open();
    for (let i = 0; i < 13; i++) {
      push(240);
      render(240 + 100);
    }
    expect(status).toMatchObject({ underruns: 12, bufferMs: 240 });
  });

  it('is forgiven step by step while audio flows', () => {
    const { push, render, status } = open();
    push(60);
    render(100);
    push(20_000);
    render(9_000);
    expect(status.bufferMs).toBe(80);
    render(2_000);
    expect(status.bufferMs).toBe(60);
    render(8_990);
    expect(status.bufferMs).toBe(60);
  });

  it('does not mistake a pause for one', () => {
    const { push, render, status } = open();
    push(60);
    render(60 + 241);
    expect(status.playing).toBe(false);
    push(60);
    render(10);
    expect(status).toMatchObject({ underruns: 0, bufferMs: 60, playing: true });
  });
});

describe('flush', () => {
  it('fades the sound out within 10 ms without a click', () => {
    const { queue, push, render } = open();
    push(500);
    const before = render(100).slice(-1);
    queue.flush();
    const after = render(30);
    expect(steepestStep([...before, ...after])).toBeLessThan(FADE_STEP * 1.01);
    expect(isHeard(after.slice(10 * MS))).toBe(false);
  });

  it('fades just as well when the sound was about to end', () => {
    const { queue, push, render } = open();
    push(102);
    const before = render(100).slice(-1);
    queue.flush();
    expect(steepestStep([...before, ...render(30)])).toBeLessThan(FADE_STEP * 1.01);
  });

  it('accounts for what was heard and what was not', () => {
    const { queue, push, render, status } = open();
    push(500);
    render(100);
    queue.flush();
    expect(status).toMatchObject({ played: 110 * MS, flushed: 390 * MS, playing: false });
  });

  it('lets nothing of the old sound into the next', () => {
    const { queue, push, render } = open();
    push(500);
    render(100);
    queue.flush();
    push(100, () => -0.25);
    const after = render(60);
    expect(after.slice(11 * MS)).toEqual(Array(49 * MS).fill(-0.25));
    expect(steepestStep(after.slice(0, 10 * MS))).toBeLessThan(FADE_STEP * 1.01);
  });

  it('is silent where nothing had begun', () => {
    const { queue, push, render, status } = open();
    push(30);
    queue.flush();
    expect(isHeard(render(200))).toBe(false);
    expect(status).toMatchObject({ played: 0, flushed: 30 * MS });
  });

  it('makes the next sound wait as if it were the first', () => {
    const { queue, push, render } = open();
    push(30);
    render(50);
    queue.flush();
    push(30);
    expect(isHeard(render(59))).toBe(false);
  });

  it('keeps the halves of samples together', () => {
    const { queue, render } = open();
    const bytes = toPcm16(Array(200 * MS).fill(0.25));
    queue.push(bytes.subarray(0, 61 * MS * 2 + 1));
    render(30);
    queue.flush();
    queue.push(bytes.subarray(61 * MS * 2 + 1));
    expect(new Set(render(100).slice(11 * MS))).toEqual(new Set([0.25]));
  });
});

describe('budget', () => {
  it('refuses and counts a chunk that exceeds it, and goes on with the next', () => {
    const { push, render, status } = open({ budgetSeconds: 1 });
    push(900);
    push(200, () => 0.1);
    expect(status).toMatchObject({ refused: 200 * MS });
    push(100, () => 0.25);
    expect(status).toMatchObject({ refused: 200 * MS });
    expect(new Set(render(1000))).toEqual(new Set([0.5, 0.25]));
  });
});

describe('account', () => {
  it('hashes the bytes as they came', () => {
    const { queue, status } = open();
    queue.push(new TextEncoder().encode('foo'));
    queue.push(new TextEncoder().encode('bar'));
    expect(status).toMatchObject({ bytes: 6, fnv1a: 0xbf9cf968 });
  });

  it('does not count as played what a gap was filled with', () => {
    const { push, render, status } = open();
    push(60);
    render(500);
    expect(status.played).toBe(60 * MS);
  });
});

describe('output at another rate', () => {
  it('plays for as long as the audio lasts', () => {
    const { push, render, status } = open({ outputRate: 44_100 });
    push(1_000, (i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / RATE));
    const heard = render(1_010);
    expect(status.played).toBe(1_000 * MS);
    const steepest = 0.5 * 2 * Math.sin((Math.PI * 440) / 44_100);
    expect(steepestStep(heard.slice(441, 43_000))).toBeLessThan(steepest * 1.01);
  });
});
