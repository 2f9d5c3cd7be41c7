/** After an early answer: lets the client go on sending for a while, since one that is cut off may never read the answer. */
import type { IncomingMessage } from 'node:http';
import type { Clock } from '../clock.ts';

const LINGER_MS = 5_000;

/** Reads what is left of the body and drops it; ends the connection when that takes too long. */
export function letFinish(request: IncomingMessage, clock: Clock): void {
  if (request.complete || request.destroyed) return;
  const cancel = clock.after(LINGER_MS, () => request.socket.destroy());
  request
    .once('end', cancel)
    .once('close', cancel)
    .on('error', () => undefined)
    .resume();
}
