import { decodeJwt } from 'jose';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../errors.ts';
import { createDevelopmentToken } from './development-token.ts';
import { jwt } from './jwt.ts';

const secret = 'a-secret-of-the-application-that-is-long-enough';
const authenticator = jwt({ secret, algorithms: ['HS256'] });

describe('createDevelopmentToken', () => {
  it('makes a token that jwt() accepts for that user for an hour', async () => {
    const token = await createDevelopmentToken({ secret, sub: 'alice' });
    const { iat = 0, exp = 0 } = decodeJwt(token);
    expect(exp - iat).toBe(3600);
    const outcome = await authenticator.authenticate(token, iat * 1000);
    expect(outcome).toEqual({ principal: { id: 'alice', expiresAtMs: exp * 1000 } });
    expect(await authenticator.authenticate(token, (exp + 6) * 1000)).toMatchObject({
      refusal: 'AuthExpired',
    });
  });

  it('gives it the life that was asked for, rounded up to whole seconds', async () => {
    const { iat = 0, exp = 0 } = decodeJwt(
      await createDevelopmentToken({ secret, sub: 'a', lifetimeMs: 1_500 }),
    );
    expect(exp - iat).toBe(2);
  });

  it('holds the issuer and audience that jwt() asks for, and neither when none is named', async () => {
    const [issuer, audience] = ['https://issuer.test', 'the-app'];
    const strict = jwt({ secret, algorithms: ['HS256'], issuer, audience });
    const token = await createDevelopmentToken({ secret, sub: 'alice', issuer, audience });
    const nowMs = (decodeJwt(token).iat ?? 0) * 1000;
    expect(await strict.authenticate(token, nowMs)).toMatchObject({ principal: { id: 'alice' } });
    const bare = await createDevelopmentToken({ secret, sub: 'alice' });
    expect(await strict.authenticate(bare, nowMs)).toMatchObject({ refusal: 'AuthInvalid' });
    expect(Object.keys(decodeJwt(bare)).toSorted()).toEqual(['exp', 'iat', 'sub']);
  });

  it.each([undefined, '', 'short', '-----BEGIN PUBLIC KEY-----'])('refuses the secret %j', async (wrong) => {
    await expect(createDevelopmentToken({ secret: wrong, sub: 'a' })).rejects.toThrow(ConfigError);
  });
});
