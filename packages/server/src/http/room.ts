/** Writing to a client that may be slow: waits until it has taken what it was sent, and not for ever. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';
import { clientStalled } from './fault.ts';
import { inTime } from './in-time.ts';

/** The client's longest time without taking anything. */
const STALL_MS = 30_000;

/** Resolves when the client has room for more. Rejects when it takes nothing for too long, has gone, or the signal aborts. */
export async function writeInTime(
  response: ServerResponse,
  chunk: string | Buffer,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  if (response.destroyed) throw clientStalled();
  if (!response.write(chunk))
    await inTime(clock, roomIn(response), { ms: STALL_MS, late: clientStalled, signal });
}

function roomIn(response: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const onDrain = (): void => {
      response.off('close', onClose);
      resolve();
    };
    const onClose = (): void => {
      response.off('drain', onDrain);
      reject(clientStalled());
    };
    response.once('drain', onDrain).once('close', onClose);
  });
}
