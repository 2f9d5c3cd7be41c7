import { once } from 'node:events';
import { duplexPair } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { completeHandshake } from './complete-handshake.ts';

/** The example of RFC 6455 1.3, whose answer is known. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const HEAD = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
];

describe('completing a handshake', () => {
  it.for([
    { title: 'no subprotocol', echo: undefined, more: [] },
    { title: 'the subprotocol it is given', echo: 'token', more: ['Sec-WebSocket-Protocol: token'] },
  ])('answers with the digest and $title, in one piece', async ({ echo, more }) => {
    const [socket, peer] = duplexPair();
    expect(completeHandshake(socket, { key: KEY, echo })).toBe(true);
    const [bytes] = (await once(peer, 'data')) as [Buffer];
    expect(bytes.toString()).toBe([...HEAD, ...more, '', ''].join('\r\n'));
  });

  it('writes nothing to a socket that has gone', () => {
    const [socket] = duplexPair();
    socket.destroy();
    expect(completeHandshake(socket, { key: KEY, echo: undefined })).toBe(false);
  });

  it('writes nothing to a socket that has been ended', async () => {
    const [socket, peer] = duplexPair();
    socket.end();
    expect(completeHandshake(socket, { key: KEY, echo: undefined })).toBe(false);
    peer.resume();
    await once(peer, 'end');
    expect(socket.writableLength).toBe(0);
  });
});
