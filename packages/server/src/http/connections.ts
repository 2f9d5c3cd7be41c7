/**
 * Tells each request of the end of its connection. Node tells only the one whose turn it is to be answered, and not those that were sent
 * behind it without waiting (pipelining, RFC 9112 9.3.2).
 */
import type { Socket } from 'node:net';

/** Requests of one connection that wait for their answers. Browsers send one; whoever sends more than this means no good. */
const MOST_AT_ONCE = 32;

export interface Connections {
  /** Calls `onGone` when the connection ends, later. Returns how to forget it. One request too many ends the connection. */
  join(socket: Socket, onGone: () => void): () => void;
}

export function createConnections(): Connections {
  const waiting = new WeakMap<Socket, Set<() => void>>();
  return {
    join(socket, onGone) {
      const others = waiting.get(socket) ?? open(waiting, socket);
      others.add(onGone);
      if (others.size > MOST_AT_ONCE) socket.destroy();
      return () => void others.delete(onGone);
    },
  };
}

/** One listener for all of them, for as long as the connection lives. */
function open(waiting: WeakMap<Socket, Set<() => void>>, socket: Socket): Set<() => void> {
  const those = new Set<() => void>();
  waiting.set(socket, those);
  socket.once('close', () => {
    for (const tell of [...those]) tell();
  });
  return those;
}
