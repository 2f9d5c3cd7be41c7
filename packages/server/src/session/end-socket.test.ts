import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { endSocket } from './end-socket.ts';

describe('endSocket', () => {
  it('destroys a socket whose peer does not end, after a second', async () => {
    const [socket] = duplexPair();
    const clock = createTestClock();
    endSocket(socket, Buffer.from('x'), clock);
    clock.advance(999);
    expect(socket.destroyed).toBe(false);
    clock.advance(1);
    expect(socket.destroyed).toBe(true);
    await once(socket, 'close');
    expect(clock.pending()).toBe(0);
  });

  it('reads what the peer still sends, and drops it, so that its end is seen', async () => {
    const [socket, peer] = duplexPair();
    endSocket(socket, Buffer.from('x'), createTestClock());
    peer.resume();
    peer.end(Buffer.alloc(500_000));
    await once(socket, 'close');
    expect(socket.destroyed).toBe(true);
  });

  it('tells once when the socket is gone, also when it had gone before', async () => {
    const [socket, peer] = duplexPair();
    const clock = createTestClock();
    let gone = 0;
    endSocket(socket, Buffer.from('x'), clock, () => (gone += 1));
    expect(gone).toBe(0);
    peer.resume().end();
    await once(socket, 'close');
    expect(gone).toBe(1);
    endSocket(socket, Buffer.from('x'), clock, () => (gone += 1));
    expect(gone).toBe(2);
    expect(clock.pending()).toBe(0);
  });
});
