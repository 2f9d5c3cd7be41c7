import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { endSocket, refuseOverHttp, type HttpRefusal } from './http-refusal.ts';

const refusal: HttpRefusal = {
  status: 403,
  error: 'origin_denied',
  message: 'Pages of this origin may not connect. €',
};

/** All that comes out of one end until the other one ended it. */
async function readAll(peer: Duplex): Promise<string> {
  const chunks: Buffer[] = [];
  peer.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(peer, 'end');
  return Buffer.concat(chunks).toString();
}

describe('refuseOverHttp', () => {
  it('answers with the status and a JSON body of the length it states, then ends', async () => {
    const [socket, peer] = duplexPair();
    const clock = createTestClock();
    refuseOverHttp(socket, { ...refusal, headers: { 'Retry-After': '3' } }, clock);
    const [head = '', body = ''] = (await readAll(peer)).split('\r\n\r\n');
    expect(head.split('\r\n')).toEqual([
      'HTTP/1.1 403 Forbidden',
      'Connection: close',
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Cache-Control: no-store',
      'Retry-After: 3',
    ]);
    expect(JSON.parse(body)).toEqual({ error: refusal.error, message: refusal.message });
  });

  it('leaves no timer behind once the peer has gone', async () => {
    const [socket, peer] = duplexPair();
    const clock = createTestClock();
    refuseOverHttp(socket, refusal, clock);
    expect(clock.pending()).toBe(1);
    await readAll(peer);
    peer.end();
    await once(socket, 'close');
    expect(clock.pending()).toBe(0);
  });
});

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
