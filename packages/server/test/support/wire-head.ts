/** Takes the head of an HTTP message off a socket and leaves what stands behind it to be read by somebody else. */
import type { Socket } from 'node:net';
import { after } from '../../src/testing/changes.ts';
import { splitHead } from '../../src/testing/upgrade-request.ts';

/** Rejects when the socket ends first, and at the deadline; the socket is then destroyed. */
export function takeHead(socket: Socket, deadlineMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (): void => {
      cancel();
      socket.off('data', onBytes).off('end', onClose).off('close', onClose);
      socket.pause();
    };
    const fail = (problem: string): void => {
      settle();
      socket.destroy();
      reject(new Error(`${problem} before a head had come`));
    };
    const onBytes = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const found = splitHead(received);
      if (!found) return;
      settle();
      if (found.rest.length > 0) socket.unshift(found.rest);
      resolve(found.head);
    };
    const onClose = (): void => fail('the connection ended');
    const cancel = after(deadlineMs, () => fail(`${deadlineMs} ms passed`));
    // A server's socket that may stay half open does not close by itself.
    socket.on('data', onBytes).on('end', onClose).on('close', onClose);
    if (socket.destroyed) onClose();
  });
}
