import { CompactSign } from 'jose';
import { describe, expect, it } from 'vitest';
import { MAX_TOKEN_LENGTH } from '../contract/index.ts';
import { jwt, type JwtOptions } from './jwt.ts';

const NOW = Date.UTC(2026, 0, 1);
const now = NOW / 1000;
const secret = 'a-secret-of-the-application-that-is-long-enough';
const options: JwtOptions = { secret, algorithms: ['HS256'] };

/** Signs any text as claims, also what no library would write. */
function mint(claims: string | object): Promise<string> {
  const payload = typeof claims === 'string' ? claims : JSON.stringify(claims);
  const signer = new CompactSign(new TextEncoder().encode(payload));
  return signer.setProtectedHeader({ alg: 'HS256' }).sign(new TextEncoder().encode(secret));
}

const good = { sub: 'alice', iat: now, exp: now + 60 };

async function outcomeOf(claims: string | object, more: Partial<JwtOptions> = {}): Promise<object> {
  return jwt({ ...options, ...more }).authenticate(await mint(claims), NOW);
}

describe('jwt() lets in', () => {
  it('a fresh token, and says who and until when', async () => {
    const outcome = await outcomeOf({ ...good, username: 'Alice' });
    expect(outcome).toEqual({ principal: { id: 'alice', name: 'Alice', expiresAtMs: NOW + 60_000 } });
  });

  it.each([
    { title: 'expired by less than the tolerance', claims: { ...good, exp: now - 4 } },
    { title: 'issued ahead by the tolerance', claims: { ...good, iat: now + 5 } },
    { title: 'valid from within the tolerance', claims: { ...good, nbf: now + 5 } },
    { title: 'as old as allowed', claims: { ...good, iat: now - 3_600 } },
    { title: 'without iat that ends within the longest age', claims: { sub: 'a', exp: now + 3_600 } },
    { title: 'with a fraction of a second', claims: { ...good, exp: now + 0.5 } },
  ])('a token $title', async ({ claims }) => {
    expect(await outcomeOf(claims)).toHaveProperty('principal');
  });

  it.each([
    { title: 'the audience as text', claims: { aud: 'voice' } },
    { title: 'the audience in a list', claims: { aud: ['other', 'voice'] } },
  ])('a token with $title', async ({ claims }) => {
    expect(await outcomeOf({ ...good, ...claims }, { audience: 'voice' })).toHaveProperty('principal');
  });
});

describe('jwt() refuses as expired', () => {
  it.each([
    { title: 'past by 6 s, a second over the tolerance', claims: { ...good, iat: now - 66, exp: now - 6 } },
    { title: 'past by exactly the tolerance', claims: { ...good, iat: now - 65, exp: now - 5 } },
    { title: 'zero', claims: { ...good, exp: 0 } },
    { title: 'negative', claims: { ...good, exp: -1e308 } },
    { title: 'far off, in a token older than allowed', claims: { ...good, iat: now - 3_606, exp: now + 60 } },
    { title: 'later than the longest age, without iat', claims: { sub: 'a', exp: now + 3_606 } },
  ])('an exp that is $title', async ({ claims }) => {
    expect(await outcomeOf(claims)).toMatchObject({ refusal: 'AuthExpired' });
  });

  it('what an application that asks for short lives calls old', async () => {
    const claims = { ...good, iat: now - 20 };
    expect(await outcomeOf(claims, { maxAgeMs: 10_000 })).toMatchObject({ refusal: 'AuthExpired' });
    expect(await outcomeOf(claims, { maxAgeMs: 15_000 })).toHaveProperty('principal');
    expect(await outcomeOf({ ...good, exp: now - 1 }, { clockToleranceMs: 0 })).toMatchObject({
      refusal: 'AuthExpired',
    });
  });
});

describe('jwt() refuses as invalid', () => {
  it.each([
    { title: 'no exp', claims: '{"sub":"a"}' },
    { title: 'an exp of text', claims: `{"sub":"a","exp":"${now + 60}"}` },
    { title: 'an exp of 1e308', claims: `{"sub":"a","iat":${now},"exp":1e308}` },
    { title: 'an exp of 1e308 without iat', claims: '{"sub":"a","exp":1e308}' },
    { title: 'an exp beyond all numbers', claims: `{"sub":"a","iat":${now},"exp":1e999}` },
    { title: 'an exp beyond all dates', claims: `{"sub":"a","iat":${now},"exp":8640000000001}` },
    { title: 'an exp of null', claims: '{"sub":"a","exp":null}' },
    { title: 'an exp of NaN, which is no JSON', claims: '{"sub":"a","exp":NaN}' },
    { title: 'an exp in a list', claims: `{"sub":"a","exp":[${now + 60}]}` },
    { title: 'an exp of true', claims: '{"sub":"a","exp":true}' },
    { title: 'an exp only in __proto__', claims: `{"sub":"a","__proto__":{"exp":${now + 60}}}` },
    { title: 'an nbf in the future', claims: { ...good, nbf: now + 6 } },
    { title: 'an nbf of text', claims: { ...good, nbf: '0' } },
    { title: 'an iat in the future', claims: { ...good, iat: now + 6 } },
    { title: 'an iat far in the future', claims: `{"sub":"a","iat":1e308,"exp":${now + 60}}` },
    { title: 'an iat of text', claims: { ...good, iat: String(now) } },
    { title: 'a list in place of claims', claims: '[]' },
    { title: 'null in place of claims', claims: 'null' },
    { title: 'a text in place of claims', claims: '"sub"' },
    { title: 'no JSON', claims: '{' },
    { title: 'nothing in place of claims', claims: '' },
  ])('$title', async ({ claims }) => {
    expect(await outcomeOf(claims)).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it.each([
    { title: 'no issuer', claims: {} },
    { title: 'an issuer with a slash at its end', claims: { iss: 'https://issuer.test/' } },
    { title: 'an issuer in other case', claims: { iss: 'https://Issuer.test' } },
    { title: 'an issuer in a list', claims: { iss: ['https://issuer.test'] } },
  ])('$title when one is required', async ({ claims }) => {
    const outcome = await outcomeOf({ ...good, ...claims }, { issuer: 'https://issuer.test' });
    expect(outcome).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it.each([
    { title: 'no audience', claims: {} },
    { title: 'another audience', claims: { aud: 'voice2' } },
    { title: 'a list without ours', claims: { aud: ['voice2', 'VOICE'] } },
    { title: 'an audience that is an object', claims: { aud: { voice: true } } },
  ])('$title when one is required', async ({ claims }) => {
    expect(await outcomeOf({ ...good, ...claims }, { audience: 'voice' })).toMatchObject({
      refusal: 'AuthInvalid',
    });
  });
});

describe('jwt() names the user', () => {
  it.each([
    { title: 'by sub before user_id', claims: { sub: 'a', user_id: 'b' }, id: 'a' },
    { title: 'by user_id without sub', claims: { sub: undefined, user_id: 'b' }, id: 'b' },
    { title: 'by user_id when sub is empty', claims: { sub: '', user_id: 'b' }, id: 'b' },
    { title: 'by a number', claims: { sub: 42 }, id: '42' },
    { title: 'by zero', claims: { sub: 0 }, id: '0' },
    { title: 'by a name that objects have', claims: { sub: 'constructor' }, id: 'constructor' },
    { title: 'by __proto__', claims: { sub: '__proto__' }, id: '__proto__' },
    { title: 'by text with a line break', claims: { sub: 'a\nb' }, id: 'a\nb' },
    { title: 'by 256 characters', claims: { sub: 'x'.repeat(256) }, id: 'x'.repeat(256) },
  ])('$title', async ({ claims, id }) => {
    expect(await outcomeOf({ ...good, ...claims })).toMatchObject({ principal: { id } });
  });

  it.each([
    { title: 'none', claims: {} },
    { title: 'an empty one', claims: { sub: '' } },
    { title: 'an object', claims: { sub: { id: 'a' } } },
    { title: 'a list', claims: { sub: ['a'] } },
    { title: 'true', claims: { sub: true } },
    { title: '257 characters', claims: { sub: 'x'.repeat(257) } },
    { title: 'a number that another number equals', claims: { sub: 2 ** 53 } },
    { title: 'a fraction', claims: { sub: 1.5 } },
  ])('never by $title', async ({ claims }) => {
    expect(await outcomeOf({ iat: now, exp: now + 60, ...claims })).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it('by the claims that the application lists, in their order, also those named like an object’s own', async () => {
    const idClaims = ['constructor', '__proto__', 'oid', 'sub'];
    expect(await outcomeOf({ ...good, oid: 'o' }, { idClaims })).toMatchObject({ principal: { id: 'o' } });
    expect(await outcomeOf(good, { idClaims })).toMatchObject({ principal: { id: 'alice' } });
    const odd = `{"constructor":"c","iat":${now},"exp":${now + 60}}`;
    expect(await outcomeOf(odd, { idClaims })).toMatchObject({ principal: { id: 'c' } });
    expect(await outcomeOf(good, { idClaims: ['toString'] })).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it('for people by username, then email, or not at all', async () => {
    const names = { username: 'Al', email: 'al@app.test' };
    expect(await outcomeOf({ ...good, ...names })).toMatchObject({ principal: { name: 'Al' } });
    expect(await outcomeOf({ ...good, email: names.email })).toMatchObject({
      principal: { name: names.email },
    });
    expect(await outcomeOf(good)).toEqual({ principal: { id: 'alice', expiresAtMs: NOW + 60_000 } });
  });
});

describe('jwt() and what is no token', () => {
  it('asks for a token where there is none', async () => {
    expect(await jwt(options).authenticate(undefined, NOW)).toMatchObject({ refusal: 'AuthRequired' });
  });

  it.each([
    '',
    ' ',
    '.',
    '..',
    '...',
    'a.b',
    'a.b.c',
    'a.b.c.d.e',
    'null',
    '{}',
    '\u0000',
    'é.é.é',
    'Bearer x',
    '__proto__',
  ])('refuses %j as invalid', async (token) => {
    expect(await jwt(options).authenticate(token, NOW)).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it('refuses a token by its length before it looks at it', async () => {
    const long = await mint({ ...good, padding: 'x'.repeat(1_048_576) });
    expect(await jwt(options).authenticate(long, NOW)).toMatchObject({
      refusal: 'AuthInvalid',
      why: 'token too long',
    });
    const empty = (await mint({ ...good, padding: '' })).length;
    const padding = 'x'.repeat(Math.floor(((MAX_TOKEN_LENGTH - empty) * 3) / 4) - 2);
    const fits = await mint({ ...good, padding });
    expect(fits.length).toBeGreaterThan(MAX_TOKEN_LENGTH - 8);
    expect(await jwt(options).authenticate(fits, NOW)).toHaveProperty('principal');
  });

  it('tells no part of a token in what it says for the log', async () => {
    for (const token of [
      'eyJhbGciOiJIUzI1NiJ9.c2VjcmV0LWNsYWlt.xxxx',
      await mint({ sub: 'secret-claim', exp: 'secret-claim' }),
    ]) {
      const outcome = JSON.stringify(await jwt(options).authenticate(token, NOW));
      for (const part of [...token.split('.'), 'secret-claim']) expect(outcome).not.toContain(part);
    }
  });
});

describe('jwt() refuses settings that would lift a limit unseen', () => {
  it.each([
    { option: 'maxAgeMs', value: NaN },
    { option: 'maxAgeMs', value: 0 },
    { option: 'maxAgeMs', value: -1 },
    { option: 'maxAgeMs', value: '3600' },
    { option: 'clockToleranceMs', value: NaN },
    { option: 'clockToleranceMs', value: -1 },
    { option: 'clockToleranceMs', value: Infinity },
    { option: 'idClaims', value: [] },
    { option: 'issuer', value: '' },
    { option: 'audience', value: '' },
  ])('$option $value', ({ option, value }) => {
    expect(() => jwt({ ...options, [option]: value })).toThrow(`jwt().${option}: `);
  });
});
