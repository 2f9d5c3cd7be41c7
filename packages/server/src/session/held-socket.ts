/**
 * A client's socket between its upgrade request and our answer. It is read all the while, because only reading shows
 * that the client has left; what it sends early is kept, within a budget, for the WebSocket.
 */
import type { Duplex } from 'node:stream';

export interface HeldSocket {
  readonly socket: Duplex;
  /** Aborts when the client has gone, has sent more than the budget, or is abandoned. */
  readonly signal: AbortSignal;
  readonly isOverBudget: boolean;
  /** Ends what is being done for this client, so that it can be told. */
  abandon(): void;
  /** Stops holding; returns the early bytes. The socket's errors stay handled. */
  release(): Buffer;
}

const ignoreError = (): void => undefined;
/** A reason of ours: without one an exception with its stack is made for each client that leaves. */
const GONE = 'gone';

/** Holds an upgrade's socket. `head` is what came in the same packet as the request. */
export function holdSocket(socket: Duplex, head: Buffer, maxEarlyBytes: number): HeldSocket {
  const gone = new AbortController();
  const early: Buffer[] = [];
  let bytes = 0;
  const onGone = (): void => gone.abort(GONE);
  const onBytes = (chunk: Buffer): void => {
    early.push(chunk);
    bytes += chunk.length;
    if (bytes <= maxEarlyBytes) return;
    socket.pause();
    gone.abort(GONE);
  };
  // Without this a reset during an asynchronous check would end the process.
  socket.on('error', ignoreError);
  socket.on('close', onGone);
  socket.on('end', onGone);
  socket.on('data', onBytes);
  onBytes(head);
  return {
    socket,
    signal: gone.signal,
    get isOverBudget() {
      return bytes > maxEarlyBytes;
    },
    abandon: onGone,
    release() {
      socket.off('data', onBytes);
      socket.off('close', onGone);
      socket.off('end', onGone);
      socket.pause();
      return Buffer.concat(early);
    },
  };
}
