/** Lets go of a client that does not read the end of its answer. While an answer is being written, room.ts waits for it. */
import type { ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';

/** Time to take what is left, and the slowest pace at which it may be taken. */
const LEAST_MS = 30_000;
const LEAST_BYTES_PER_MS = 16;

/** From its end on an answer has so much time until it is on its way; then `onLate` is called. */
export function letRead(response: ServerResponse, clock: Clock, onLate: () => void): void {
  response.once('prefinish', () => {
    if (response.closed) return;
    const ms = LEAST_MS + response.writableLength / LEAST_BYTES_PER_MS;
    response.once('close', clock.after(ms, onLate));
  });
}
