import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { HMAC_SECRET, signedHeaders } from '../../test/support/sign-request.ts';
import { ConfigError } from '../errors.ts';
import type { AuthOutcome, Authenticator } from './authenticator.ts';
import { hmac, type HmacOptions } from './hmac.ts';

const NOW = Date.UTC(2026, 0, 1);
const TARGET = '/api/query?a=1';
const secrets = { 'backend-1': HMAC_SECRET, 'backend-2': `${HMAC_SECRET}-2` };

interface Asked {
  readonly auth?: Authenticator;
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Record<string, string>;
  readonly change?: Record<string, string>;
  readonly nowMs?: number;
}

function ask({
  auth = hmac({ secrets }),
  method = 'POST',
  target = TARGET,
  ...more
}: Asked): Promise<AuthOutcome> {
  const {
    headers = signedHeaders({ target: TARGET, body: '{}', nowMs: NOW }),
    change = {},
    nowMs = NOW,
  } = more;
  const all = Object.entries({ ...headers, ...change }).map(([name, value]) => [name.toLowerCase(), value]);
  const header = (name: string): string | undefined => Object.fromEntries(all)[name] as string | undefined;
  return auth.authenticate(undefined, nowMs, { method, target, header });
}

describe('a signed request', () => {
  it('is let in as the key that signed it, for its body alone', async () => {
    expect(await ask({})).toEqual({
      principal: { id: 'backend-1' },
      bodySha256: '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
    });
    const second = signedHeaders({
      target: TARGET,
      nowMs: NOW,
      key: 'backend-2',
      secret: `${HMAC_SECRET}-2`,
    });
    expect(await ask({ headers: second })).toMatchObject({ principal: { id: 'backend-2' } });
  });

  it.each([
    ['another method', { method: 'GET' }],
    ['another path', { target: '/api/other?a=1' }],
    ['another query', { target: '/api/query?a=2' }],
    ['the query in other order', { target: '/api/query?b=2&a=1' }],
    ['another body', { change: { 'X-Voxproxy-Body-Sha256': '0'.repeat(64) } }],
    ['another nonce', { change: { 'X-Voxproxy-Nonce': 'x'.repeat(20) } }],
    ['another time', { change: { 'X-Voxproxy-Timestamp': String(NOW / 1000 + 1) } }],
    ['another key', { change: { 'X-Voxproxy-Key': 'backend-2' } }],
    ['a key that is none', { change: { 'X-Voxproxy-Key': '__proto__' } }],
    ['another signature', { change: { 'X-Voxproxy-Signature': '0'.repeat(64) } }],
    ['half a signature', { change: { 'X-Voxproxy-Signature': 'abcdef' } }],
    ['a signature in capitals', { change: { 'X-Voxproxy-Signature': 'ABCDEF'.repeat(11).slice(2) } }],
    ['two signatures', { change: { 'X-Voxproxy-Signature': `${'a'.repeat(64)}, ${'b'.repeat(64)}` } }],
    ['a time that is none', { change: { 'X-Voxproxy-Timestamp': '1e9' } }],
    ['a short nonce', { change: { 'X-Voxproxy-Nonce': 'short' } }],
    ['a nonce with a line break', { change: { 'X-Voxproxy-Nonce': 'x'.repeat(20) + '\n' } }],
  ] as [string, Asked][])('is refused with %s', async (_title, asked) => {
    expect(await ask(asked)).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it('is asked for where there is none', async () => {
    expect(await ask({ headers: {} })).toMatchObject({ refusal: 'AuthRequired' });
    expect(await hmac({ secrets }).authenticate('a.token', NOW)).toMatchObject({ refusal: 'AuthRequired' });
  });

  it.each([
    [60_000, undefined],
    [61_000, 'AuthExpired'],
    [-60_000, undefined],
    [-61_000, 'AuthExpired'],
  ])('that is %i ms old: %s', async (ageMs, refusal) => {
    const outcome = await ask({ nowMs: NOW + ageMs });
    expect('refusal' in outcome ? outcome.refusal : undefined).toBe(refusal);
  });

  it('is let in once, also when its time is still to come', async () => {
    const auth = hmac({ secrets });
    const headers = signedHeaders({ target: TARGET, nowMs: NOW + 50_000 });
    expect(await ask({ auth, headers })).toHaveProperty('principal');
    for (const nowMs of [NOW, NOW + 60_000, NOW + 110_000])
      expect(await ask({ auth, headers, nowMs })).toMatchObject({
        refusal: 'AuthInvalid',
        why: 'nonce used before',
      });
    expect(await ask({ auth, headers, nowMs: NOW + 111_000 })).toMatchObject({ refusal: 'AuthExpired' });
  });

  it('is refused for now when more come than are remembered, and strangers fill nothing', async () => {
    const auth = hmac({ secrets, maxNonces: 2 });
    const signed = (): Record<string, string> => signedHeaders({ target: TARGET, nowMs: NOW });
    for (let at = 0; at < 5; at += 1)
      await ask({ auth, headers: signed(), change: { 'X-Voxproxy-Signature': '0'.repeat(64) } });
    expect(await ask({ auth, headers: signed() })).toHaveProperty('principal');
    expect(await ask({ auth, headers: signed() })).toHaveProperty('principal');
    expect(await ask({ auth, headers: signed() })).toMatchObject({ refusal: 'AuthUnavailable' });
  });

  it('is as PROTOCOL.md shows it', async () => {
    const text = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
    const [, block = ''] = /<!-- vector: signature -->\n+```text\n([^]*?)```/.exec(text) ?? [];
    const vector = Object.fromEntries(
      block
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf(': ')), line.slice(line.indexOf(': ') + 2)]),
    );
    const { secret, time, method, target, ...headers } = vector as Record<string, string>;
    const auth = hmac({ secrets: { [headers['X-Voxproxy-Key'] ?? '']: secret } });
    const asked = { auth, headers, nowMs: Date.parse(time ?? '') };
    expect(await ask({ ...asked, method: method ?? '', target: target ?? '' })).toHaveProperty('principal');
  });
});

describe('hmac() refuses', () => {
  it.each([
    [{ secrets: {} }, 'hmac().secrets'],
    [{}, 'hmac().secrets'],
    [{ secrets: { a: 'short' } }, 'hmac().secrets.a'],
    [{ secrets: { a: undefined } }, 'hmac().secrets.a'],
    [{ secrets: { 'a b': HMAC_SECRET } }, 'hmac().secrets.a b'],
    [{ secrets, windowMs: 900_001 }, 'hmac().windowMs'],
    [{ secrets, windowMs: NaN }, 'hmac().windowMs'],
    [{ secrets, maxNonces: 0 }, 'hmac().maxNonces'],
  ])('%j, naming the option and no secret', (options, option) => {
    const make = (): unknown => hmac(options as HmacOptions);
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(`${option}: `);
    expect(make).not.toThrow('short:');
  });
});
