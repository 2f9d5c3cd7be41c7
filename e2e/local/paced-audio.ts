/** Sends audio at a multiple of real time, a bounded lead ahead of it, as a vendor's speech arrives. Knows no socket. */
import { setTimeout as wait } from 'node:timers/promises';
import { bytesOf } from './pcm16.ts';

export interface PacedAudioOptions {
  /** Hertz. */
  sampleRate: number;
  /** Multiple of real time; Infinity sends as fast as `send` resolves. */
  rate: number;
  /** Milliseconds of audio sent at once. Default 40. */
  chunkMs?: number;
  signal: AbortSignal;
  /** Resolves when the bytes have been taken, which is what holds the sender back behind a slow reader. */
  send(bytes: Uint8Array): Promise<void>;
}

/** Audio sent ahead of what the pace allows, in milliseconds. */
const LEAD_MS = 300;

/** Resolves once all is sent. Rejects with the signal's reason when aborted: no byte is sent after that. */
export async function sendPaced(samples: Int16Array, options: PacedAudioOptions): Promise<void> {
  const { sampleRate, rate, chunkMs = 40, signal, send } = options;
  const chunk = Math.round((sampleRate * chunkMs) / 1000);
  const startedAt = performance.now();
  for (let at = 0; at < samples.length; at += chunk) {
    const aheadMs = (at * 1000) / sampleRate - (performance.now() - startedAt) * rate;
    if (aheadMs > LEAD_MS) await wait((aheadMs - LEAD_MS) / rate, undefined, { signal });
    signal.throwIfAborted();
    await send(bytesOf(samples.subarray(at, at + chunk)));
  }
}
