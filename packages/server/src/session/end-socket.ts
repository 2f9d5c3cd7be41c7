/** The last bytes on a socket that has no session, however it is refused. */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';

/** Time for the bytes to leave before the socket is destroyed. */
const LINGER_MS = 1_000;

/** Writes the last bytes and lets go of the socket, at the latest after a second. What the peer still sends is dropped. */
export function endSocket(socket: Duplex, bytes: Buffer, clock: Clock, onGone?: () => void): void {
  if (socket.destroyed) {
    onGone?.();
    return;
  }
  const cancel = clock.after(LINGER_MS, () => socket.destroy());
  socket.once('close', () => {
    cancel();
    onGone?.();
  });
  socket.end(bytes);
  // A peer's end can only be noticed by reading.
  socket.resume();
}
