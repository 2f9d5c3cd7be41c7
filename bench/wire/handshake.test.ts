/** The rig's own handshakes, and the wish that travels in the query through every contender. */
import { expect, test } from 'vitest';
import { acceptOf, answerTo, createHeadReader, readTarget, toTarget } from './handshake.mjs';

const wish = { group: 4, session: 12, up: 640, down: 1920, flood: 0 };

test('accepts as the standard says (RFC 6455 1.3)', () => {
  expect(acceptOf('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('a wish is read again, whatever else a contender leaves in the query', () => {
  expect(readTarget(toTarget(wish))).toEqual(wish);
  expect(readTarget(toTarget(wish, { token: 'a.b.c', isSession: true }))).toEqual(wish);
  expect(readTarget('/bench?token=x')).toBeUndefined();
});

test('a head that comes in pieces is read once whole, with what belongs to it', () => {
  const reader = createHeadReader();
  expect(reader.take(Buffer.from('GET / HTTP/1.1\r\nHost: a\r'))).toBeUndefined();
  const rest = Buffer.from('\n\r\nframes');
  expect(reader.take(rest)).toEqual({ start: 'GET / HTTP/1.1', headers: { host: 'a' }, used: 3 });
});

test('a subprotocol that was offered is taken, the first of several', () => {
  const headers = { 'sec-websocket-key': 'x', 'sec-websocket-protocol': 'token, key' };
  expect(answerTo({ headers })).toContain('\r\nSec-WebSocket-Protocol: token\r\n');
  expect(answerTo({ headers: {} })).not.toContain('Protocol:');
});
