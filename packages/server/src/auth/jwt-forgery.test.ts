import { createHmac, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { CompactSign, exportJWK } from 'jose';
import { describe, expect, it, vi } from 'vitest';
import { jwt } from './jwt.ts';

const NOW = Date.UTC(2026, 0, 1);
const secret = 'a-secret-of-the-application-that-is-long-enough';
const claims = { sub: 'mallory', iat: NOW / 1000, exp: NOW / 1000 + 60 };
const payload = Buffer.from(JSON.stringify(claims));

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const byHmac = jwt({ secret, algorithms: ['HS256'] });
const byRsa = jwt({ publicKey: pem, algorithms: ['RS256'] });

const mint = (
  header: { alg: string } & Record<string, unknown>,
  key: Uint8Array | KeyObject,
): Promise<string> => new CompactSign(payload).setProtectedHeader(header).sign(key);
const keyOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A token with any header and any signature, for what a library would not sign. */
function forge(header: object | string, signature: string | ((input: string) => Buffer)): string {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const input = `${Buffer.from(text).toString('base64url')}.${payload.toString('base64url')}`;
  return `${input}.${typeof signature === 'string' ? signature : signature(input).toString('base64url')}`;
}

const hmac =
  (hash: string, key: string) =>
  (input: string): Buffer =>
    createHmac(hash, key).update(input).digest();
const signed = hmac('sha256', secret);

describe('a forged token', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', ' none', 'none ', '', 'HS1', 'dir', '__proto__'])(
    'with alg %j is refused, unsigned or signed',
    async (alg) => {
      for (const authenticator of [byHmac, byRsa]) {
        for (const signature of ['', 'AAAA', signed]) {
          const outcome = await authenticator.authenticate(forge({ alg }, signature), NOW);
          expect(outcome).toMatchObject({ refusal: 'AuthInvalid' });
        }
      }
    },
  );

  it.each([
    { title: 'an empty signature', token: forge({ alg: 'HS256' }, '') },
    { title: 'a signature of another secret', token: forge({ alg: 'HS256' }, hmac('sha256', `${secret}x`)) },
    { title: 'no alg', token: forge({}, signed) },
    { title: 'a number as alg', token: forge({ alg: 256 }, signed) },
    { title: 'a list as alg', token: forge({ alg: ['HS256'] }, signed) },
    { title: 'a list as header', token: forge('[]', signed) },
    { title: 'a header that is no JSON', token: forge('{alg:HS256}', signed) },
    { title: 'two algs, the last one none', token: forge('{"alg":"HS256","alg":"none"}', signed) },
    { title: 'a critical name nobody knows', token: forge({ alg: 'HS256', crit: ['x'], x: 1 }, signed) },
    { title: 'an empty critical list', token: forge({ alg: 'HS256', crit: [] }, signed) },
    { title: 'an unencoded payload', token: forge({ alg: 'HS256', crit: ['b64'], b64: false }, signed) },
    { title: 'HS512 with our secret', token: forge({ alg: 'HS512' }, hmac('sha512', secret)) },
    { title: 'HS384 with our secret', token: forge({ alg: 'HS384' }, hmac('sha384', secret)) },
  ])('with $title is refused', async ({ token }) => {
    expect(await byHmac.authenticate(token, NOW)).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it('signed as HS256 with the public key as secret is refused', async () => {
    const der = rsa.publicKey.export({ type: 'spki', format: 'der' }).toString('latin1');
    for (const key of [pem, pem.trim(), pem.replaceAll('\n', '\r\n'), der]) {
      const outcome = await byRsa.authenticate(forge({ alg: 'HS256' }, hmac('sha256', key)), NOW);
      expect(outcome).toMatchObject({ refusal: 'AuthInvalid' });
    }
  });

  it('signed with another algorithm of the right key is refused', async () => {
    const der = sign('sha512', Buffer.from('x'), rsa.privateKey);
    expect(await byRsa.authenticate(await mint({ alg: 'PS256' }, rsa.privateKey), NOW)).toHaveProperty(
      'refusal',
    );
    expect(await byRsa.authenticate(await mint({ alg: 'RS512' }, rsa.privateKey), NOW)).toHaveProperty(
      'refusal',
    );
    expect(
      await byRsa.authenticate(
        forge({ alg: 'RS256' }, () => der),
        NOW,
      ),
    ).toHaveProperty('refusal');
  });

  it('that brings its own key is refused, and nothing is fetched', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    const jwk = await exportJWK(stranger.publicKey);
    const x5c = [stranger.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')];
    const url = 'https://keys.evil.test/jwks.json';
    for (const extra of [{ jwk }, { jku: url }, { x5u: url }, { x5c }, { jwk, jku: url, kid: '1' }]) {
      const token = await mint({ alg: 'RS256', ...extra }, stranger.privateKey);
      expect(await byRsa.authenticate(token, NOW)).toMatchObject({ refusal: 'AuthInvalid' });
    }
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  it('is refused however one character of it was changed', async () => {
    const token = await mint({ alg: 'HS256' }, keyOf(secret));
    expect(await byHmac.authenticate(token, NOW)).toHaveProperty('principal');
    for (let at = 0; at < token.length - 1; at += 1) {
      const other = token[at] === 'A' ? 'B' : 'A';
      const changed = token.slice(0, at) + other + token.slice(at + 1);
      expect(await byHmac.authenticate(changed, NOW)).toHaveProperty('refusal');
    }
  });
});

describe('a genuine token', () => {
  it.each([
    { kid: '../../etc/passwd' },
    { kid: "' OR 1=1 --" },
    { kid: 'x'.repeat(4_000) },
    { jku: 'https://keys.evil.test' },
  ])('is judged by the configured key alone, whatever its header says (%o)', async (extra) => {
    const fetched = vi.spyOn(globalThis, 'fetch');
    expect(
      await byHmac.authenticate(await mint({ alg: 'HS256', ...extra }, keyOf(secret)), NOW),
    ).toHaveProperty('principal');
    expect(
      await byRsa.authenticate(await mint({ alg: 'RS256', ...extra }, rsa.privateKey), NOW),
    ).toHaveProperty('principal');
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
  });

  it.each([
    { alg: 'ES256' as const, pair: generateKeyPairSync('ec', { namedCurve: 'P-256' }) },
    { alg: 'ES384' as const, pair: generateKeyPairSync('ec', { namedCurve: 'P-384' }) },
    { alg: 'EdDSA' as const, pair: generateKeyPairSync('ed25519') },
    { alg: 'PS256' as const, pair: rsa },
  ])('of $alg is accepted by its key and refused by another', async ({ alg, pair }) => {
    const spki = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const authenticator = jwt({ publicKey: spki, algorithms: [alg] });
    expect(await authenticator.authenticate(await mint({ alg }, pair.privateKey), NOW)).toHaveProperty(
      'principal',
    );
    expect(
      await authenticator.authenticate(await mint({ alg: 'RS256' }, stranger.privateKey), NOW),
    ).toHaveProperty('refusal');
  });

  it('of another listed HMAC algorithm is accepted', async () => {
    const both = jwt({ secret: secret.repeat(2), algorithms: ['HS256', 'HS512'] });
    for (const alg of ['HS256', 'HS512']) {
      expect(await both.authenticate(await mint({ alg }, keyOf(secret.repeat(2))), NOW)).toHaveProperty(
        'principal',
      );
    }
  });
});
