import { createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { CompactSign } from 'jose';
import { describe, expect, it } from 'vitest';
import { jwt } from './jwt.ts';
import { recogniseSigned } from './jwt-signature.ts';

const NOW = Date.UTC(2026, 0, 1);
const now = NOW / 1000;
const secret = 'a-secret-of-the-application-that-is-long-enough'.repeat(2);
const good = { sub: 'alice', iat: now, exp: now + 60 };
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

function mint(header: { alg: string } & Record<string, unknown>, claims: object = good): Promise<string> {
  const signer = new CompactSign(new TextEncoder().encode(JSON.stringify(claims)));
  return signer.setProtectedHeader(header).sign(new TextEncoder().encode(secret));
}

/** A token of these texts, signed as HS256 whatever they are. */
function signed(input: string, key = secret): string {
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
}

const payloadOf = recogniseSigned(createSecretKey(Buffer.from(secret)), ['HS256', 'HS512']);

describe('a signature is recognised', () => {
  it.each([{ alg: 'HS256' }, { alg: 'HS256', typ: 'JWT' }, { typ: 'JWT', alg: 'HS256' }, { alg: 'HS512' }])(
    'under the header %o, as another library makes it',
    async (header) => {
      expect(payloadOf(await mint(header))).toBe(base64(JSON.stringify(good)));
    },
  );
});

describe('a token is left to jose', () => {
  const header = base64('{"alg":"HS256"}');
  const payload = base64(JSON.stringify(good));
  const token = signed(`${header}.${payload}`);
  const odd = (text: string): string => signed(`${base64(text)}.${payload}`);
  it.each([
    { title: 'with a key id', token: odd('{"alg":"HS256","kid":"1"}') },
    { title: 'with something critical', token: odd('{"alg":"HS256","crit":["b64"],"b64":true}') },
    { title: 'with white space in its header', token: odd('{"alg": "HS256"}') },
    { title: 'of an algorithm that is not accepted', token: odd('{"alg":"HS384"}') },
    { title: 'without an algorithm', token: odd('{"alg":"none"}') },
    { title: 'with a padded header', token: signed(`${header}=.${payload}`) },
    { title: 'signed with another secret', token: signed(`${header}.${payload}`, `${secret}x`) },
    { title: 'without its signature', token: `${header}.${payload}.` },
    { title: 'of two parts', token: signed(header) },
    { title: 'of one part', token: header },
    { title: 'of nothing', token: '' },
    { title: 'with a shortened signature', token: token.slice(0, -1) },
    { title: 'with a padded signature', token: `${token}=` },
    { title: 'with a letter that ends like the right one', token: `${token.slice(0, -1)}\u0141` },
  ])('$title', ({ token: given }) => {
    expect(payloadOf(given)).toBeUndefined();
  });

  it('when keys are public', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(recogniseSigned(publicKey, ['ES256'])(token)).toBeUndefined();
  });
});

describe('jwt() judges what it recognises as jose judges the rest', () => {
  const authenticator = jwt({ secret, algorithms: ['HS256'], issuer: 'us', audience: 'voice' });
  const fit = { ...good, iss: 'us', aud: 'voice' };
  it.each([
    { title: 'good claims', claims: fit },
    { title: 'a past exp', claims: { ...fit, iat: now - 60, exp: now - 6 } },
    { title: 'no exp', claims: { ...fit, exp: undefined } },
    { title: 'an exp of text', claims: { ...fit, exp: String(now + 60) } },
    { title: 'a future nbf', claims: { ...fit, nbf: now + 6 } },
    { title: 'an nbf of text', claims: { ...fit, nbf: '0' } },
    { title: 'an iat of text', claims: { ...fit, iat: String(now) } },
    { title: 'another issuer', claims: { ...fit, iss: 'them' } },
    { title: 'another audience', claims: { ...fit, aud: ['video'] } },
    { title: 'a list', claims: [fit] },
  ])('$title', async ({ claims }) => {
    const [recognised, left] = [
      await mint({ alg: 'HS256' }, claims),
      await mint({ alg: 'HS256', kid: '1' }, claims),
    ];
    expect(payloadOf(left)).toBeUndefined();
    expect(await authenticator.authenticate(recognised, NOW)).toEqual(
      await authenticator.authenticate(left, NOW),
    );
  });

  it('a payload of several parts is refused, though it is signed', async () => {
    const token = signed(`${base64('{"alg":"HS256"}')}.${base64(JSON.stringify(fit))}.${base64('{}')}`);
    expect(await authenticator.authenticate(token, NOW)).toMatchObject({ refusal: 'AuthInvalid' });
  });
});
