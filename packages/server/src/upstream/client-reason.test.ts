import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toClientReason } from './client-reason.ts';
import { Secret } from './secret.ts';

const key = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b';
const secret = new Secret(key);
const bytes = Buffer.from(key);

describe('toClientReason', () => {
  it.each([
    '',
    'NET-0001',
    'Deepgram did not receive audio data or a text message within the timeout window.',
    'Client sent close: CloseStream (code 4)',
    'model gpt4.1 is not available',
    'model nova-3 is not available',
    'Invalid token supplied',
    'wait... then try again',
    'unknown event session.update',
    'no conversation.item.create before session.created',
    'Zeitüberschreitung €',
    'done. Goodbye',
    'version 2.5.1 is required',
    'took 12:30:05',
  ])('passes %j', (reason) => {
    expect(toClientReason(reason, secret)).toBe(reason);
  });

  it.each([
    { title: 'the key', reason: `key ${key} is invalid` },
    { title: 'the key in base64', reason: `auth ${bytes.toString('base64')}` },
    { title: 'the key in hex', reason: bytes.toString('hex') },
    { title: 'the end of the key', reason: `key ...${key.slice(-8)}` },
    { title: 'a word that begins the key', reason: `key ${key.slice(0, 5)} is invalid` },
    { title: 'a word that ends the key', reason: `key ending in ${key.slice(-5)}` },
    { title: 'a key with a masked middle', reason: 'Incorrect API key: sk-abcd*****ijkl.' },
    { title: 'a key with dots for its middle', reason: 'key sk-ab...jkl is unknown' },
    { title: 'a key with an ellipsis for its middle', reason: 'key sk-ab…jkl is unknown' },
    { title: 'a key with a masked end', reason: 'key sk-a*** is unknown' },
    { title: 'a key with a masked beginning', reason: 'key ***ijkl is unknown' },
    { title: 'the key in a URL', reason: `GET wss://host.test/?key=${key}` },
    {
      title: 'the percent-encoded key',
      reason: key.replaceAll(/./g, (one) => `%${one.charCodeAt(0).toString(16)}`),
    },
    { title: 'a bearer text', reason: 'bad header Bearer eyJhbGciOiJIUzI1NiJ9.e30.x' },
    { title: 'a bearer text in other case', reason: 'BEARER  0123456789' },
    { title: 'a token text', reason: 'Authorization: Token 0123456789' },
    { title: 'a basic text', reason: 'basic dXNlcjpwYXNzd29yZA==' },
    { title: 'a line break', reason: 'a\nb' },
    { title: 'a NUL', reason: 'a\u0000' },
    { title: 'an escape code', reason: '\u001b[31mred' },
    { title: 'bytes that were no UTF-8', reason: Buffer.from([0xff, 0xfe, 0x41]).toString() },
  ])('is empty for $title', ({ reason }) => {
    expect(toClientReason(reason, secret)).toBe('');
  });

  it.each([
    { reason: 'connect ECONNREFUSED 10.1.2.3:8443', told: 'connect ECONNREFUSED …' },
    { reason: 'from 10.1.2.3', told: 'from …' },
    { reason: 'getaddrinfo ENOTFOUND res-1.services.corp.internal', told: 'getaddrinfo ENOTFOUND …' },
    { reason: 'cannot reach db-1.example.com', told: 'cannot reach …' },
    { reason: 'cannot reach db-1.example.com:5432, sorry', told: 'cannot reach …, sorry' },
    { reason: 'see https://internal.test/a?b=c#d now', told: 'see … now' },
    { reason: 'wss://up.test:8443/v1', told: '…' },
    { reason: 'redis localhost:6379 down', told: 'redis … down' },
    { reason: 'connect ECONNREFUSED ::1:8080', told: 'connect ECONNREFUSED …' },
    { reason: 'connect EHOSTUNREACH fd00:12::7', told: 'connect EHOSTUNREACH …' },
    { reason: 'at [2001:db8::1]:443', told: 'at …' },
    { reason: 'backend stt-7.prod.cluster timed out', told: 'backend … timed out' },
    { reason: 'no route to ip-10-1-2-3.ec2', told: 'no route to …' },
    { reason: 'model gpt-4.1 is not on gateway-3.prod', told: 'model gpt-4.1 is not on …' },
    { reason: 'gpt-3.5-turbo is overloaded', told: 'gpt-3.5-turbo is overloaded' },
  ])('hides the host in $reason', ({ reason, told }) => {
    expect(toClientReason(reason, secret)).toBe(told);
  });

  it('cuts what is too long at a character, after it was cleaned', () => {
    expect(Buffer.byteLength(toClientReason('€'.repeat(100), secret))).toBe(123);
    const late = `${'x '.repeat(80)}${key}`;
    expect(toClientReason(late, secret)).toBe('');
  });

  it('is never longer than a close frame holds and never tells the key, whatever an upstream says', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(key, key.slice(3, 12), bytes.toString('base64'), '10.0.0.1', ' ', 'https://a.test/'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const told = toClientReason(pieces.join(''), secret);
        expect(Buffer.byteLength(told)).toBeLessThanOrEqual(123);
        expect(secret.isToldBy(told)).toBe(false);
      }),
    );
  });
});
