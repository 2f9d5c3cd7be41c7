import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { sendPaced } from './paced-audio.ts';

const SECOND = new Int16Array(24_000);

describe('paced audio', () => {
  it('sends every byte in order without a pace', async () => {
    const samples = Int16Array.from({ length: 2500 }, (_, i) => i);
    const sent: Uint8Array[] = [];
    const signal = new AbortController().signal;
    await sendPaced(samples, {
      sampleRate: 24_000,
      rate: Infinity,
      signal,
      send: async (bytes) => void sent.push(bytes),
    });
    expect(Buffer.concat(sent)).toEqual(Buffer.from(samples.buffer));
    expect(sent.map((bytes) => bytes.length)).toEqual([1920, 1920, 1160]);
  });

  it('sends no byte after it was aborted', async () => {
    const stopping = new AbortController();
    let sent = 0;
    const send = async (): Promise<void> => {
      sent += 1;
      if (sent === 3) stopping.abort(new Error('stop'));
    };
    const done = sendPaced(SECOND, { sampleRate: 24_000, rate: Infinity, signal: stopping.signal, send });
    await expect(done).rejects.toThrow('stop');
    expect(sent).toBe(3);
  });

  it('waits until a chunk is taken, and ends when one cannot be', async () => {
    const signal = new AbortController().signal;
    let asked = 0;
    let take = (): void => {};
    const send = (): Promise<void> => {
      asked += 1;
      return asked === 1 ? new Promise((resolve) => (take = resolve)) : Promise.reject(new Error('gone'));
    };
    const done = sendPaced(SECOND, { sampleRate: 24_000, rate: Infinity, signal, send });
    await new Promise(setImmediate);
    expect(asked).toBe(1);
    take();
    await expect(done).rejects.toThrow('gone');
    expect(asked).toBe(2);
  });
});

describe('the pace', () => {
  let nowMs = 0;
  beforeEach(() => void vi.spyOn(performance, 'now').mockImplementation(() => nowMs));
  afterEach(() => vi.restoreAllMocks());

  it('stops at its lead until time has passed', async () => {
    nowMs = 0;
    const stopping = new AbortController();
    let sent = 0;
    const send = async (): Promise<void> => {
      sent += 1;
      // The clock stands still, so the chunk that would exceed the lead is waited for; from then on time is up.
      if (sent === 8) setImmediate(() => stopping.abort(new Error('still waiting')));
    };
    const done = sendPaced(SECOND, { sampleRate: 24_000, rate: 1, signal: stopping.signal, send });
    await expect(done).rejects.toThrow();
    expect(sent).toBe(8);
  });
});
