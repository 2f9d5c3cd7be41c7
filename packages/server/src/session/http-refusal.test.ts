import { once } from 'node:events';
import { duplexPair, type Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { refuseOverHttp, type HttpRefusal } from './http-refusal.ts';

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
