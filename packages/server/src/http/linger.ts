/**
 * After an early answer: lets the client go on sending for a while, since one that is cut off may never read the answer. What the
 * answer says is left to others.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../clock.ts';

/** Longest time without a byte, longest time in all, and most bytes that are read and dropped. */
const IDLE_MS = 5_000;
const TOTAL_MS = 30_000;
const MOST_BYTES = 67_108_864;

/** Reads what is left of the body and drops it; ends the connection when that takes too long or is too much. */
export function letFinish(request: IncomingMessage, clock: Clock): void {
  if (request.complete || request.destroyed) return;
  const { socket } = request;
  const cut = (): void => void socket.destroy();
  let bytes = 0;
  let cancelIdle = clock.after(IDLE_MS, cut);
  const cancelTotal = clock.after(TOTAL_MS, cut);
  const onData = (chunk: Buffer): void => {
    bytes += chunk.length;
    cancelIdle();
    if (bytes > MOST_BYTES) cut();
    else cancelIdle = clock.after(IDLE_MS, cut);
  };
  const stop = (): void => {
    cancelIdle();
    cancelTotal();
    request.off('data', onData);
    socket.off('close', stop);
  };
  // The request is no longer told of its connection's end once it is answered.
  socket.once('close', stop);
  request
    .on('data', onData)
    .once('end', stop)
    .on('error', () => undefined)
    .resume();
}

/**
 * Takes the end of a connection that closes behind the answer out of Node's hands, which would cut off a client that is still
 * sending: our side is closed when the answer is out, and theirs when they have finished (RFC 9112 9.6).
 */
export function closeGently(request: IncomingMessage, response: ServerResponse): void {
  if (response.shouldKeepAlive || !hasBody(request)) return;
  response.shouldKeepAlive = true;
  // With no word of ours on it, Node does as the flag says.
  response.removeHeader('Connection');
  const { socket } = request;
  response.once('finish', () => {
    if (request.complete) socket.destroySoon();
    else socket.end();
  });
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}
