import { describe, expect, it } from 'vitest';
import { ENTRA_KEYS, entraToken, TENANT } from '../../test/support/entra-token.ts';
import { makeToken } from '../../test/support/make-token.ts';
import { entra, uncheckedEntra, type EntraOptions } from './entra.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const MINE = 'https://mine.example';
const UPGRADE = { method: 'GET', target: '/', header: () => undefined };
const make = (more: Partial<EntraOptions> = {}): ReturnType<typeof entra> =>
  entra({ tenantId: TENANT, jwks: ENTRA_KEYS, ...more });
const token = (claims: object = {}, header: object = {}): string =>
  entraToken({ audience: MINE, claims: { ...claims }, header: { ...header }, nowMs: NOW_MS });
const ask = (text: string | undefined, more: Partial<EntraOptions> = {}): Promise<unknown> =>
  make(more).authenticate(text, NOW_MS, { ...UPGRADE, audiences: [MINE] });

describe('entra', () => {
  it.each([
    ['version 1', {}],
    ['version 2', { iss: `https://login.microsoftonline.com/${TENANT}/v2.0` }],
    ['an audience with a slash', { aud: `${MINE}/` }],
  ])('lets a token of %s in by its oid', async (_, claims) => {
    expect(await ask(token(claims))).toEqual({
      principal: { id: 'user-1', expiresAtMs: NOW_MS + 3_600_000 },
    });
  });

  it.each([
    ['another tenant', { tid: '00000000-0000-0000-0000-000000000000' }],
    ['another issuer', { iss: 'https://sts.windows.net/other/' }],
    ['another audience', { aud: 'https://other.example' }],
    ['no audience', { aud: undefined }],
    ['no expiry', { exp: undefined }],
    ['an expiry that is a text', { exp: '99999999999' }],
    ['a later beginning', { nbf: NOW_MS / 1000 + 60 }],
    ['nobody', { oid: undefined }],
    ['somebody with a long name', { oid: 'x'.repeat(300) }],
  ])('refuses a token of %s', async (_, claims) => {
    expect(await ask(token(claims))).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it('says of a token that has run out that it has', async () => {
    expect(await ask(token({ exp: NOW_MS / 1000 - 60 }))).toMatchObject({ refusal: 'AuthExpired' });
  });

  it.each([
    ['an application by HMAC', makeToken({ nowMs: NOW_MS })],
    ['nobody who signed', `${token().split('.').slice(0, 2).join('.')}.`],
    ['a changed claim', token().replace(/\.[^.]{10}/, '.AAAAAAAAAA')],
    ['another key', token({}, { kid: 'other' })],
    ['another algorithm', token({}, { alg: 'none' })],
    ['no form at all', 'x'],
    ['too many bytes', 'x'.repeat(10_000)],
  ])('refuses a token of %s', async (_, text) => {
    expect(await ask(text)).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it('holds tokens to the applications that may have asked for them', async () => {
    const more = { clientIds: ['app-1'] };
    expect(await ask(token({ appid: 'app-1' }), more)).toHaveProperty('principal');
    expect(await ask(token({ azp: 'app-2' }), more)).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it('lets nobody in for a provider that names no audience, unless the application does', async () => {
    expect(await make().authenticate(token(), NOW_MS)).toMatchObject({ refusal: 'AuthInvalid' });
    expect(await make({ audiences: [MINE] }).authenticate(token(), NOW_MS)).toHaveProperty('principal');
  });

  it('needs a token unless told otherwise', async () => {
    expect(await ask(undefined)).toMatchObject({ refusal: 'AuthRequired' });
    expect(await ask(undefined, { allowTokenless: true })).toEqual({
      principal: { id: 'anonymous', isAnonymous: true },
    });
    expect(await ask('x', { allowTokenless: true })).toMatchObject({ refusal: 'AuthInvalid' });
  });

  it.each([
    ['tenantId', { tenantId: 'common' }],
    ['audiences', { audiences: [''] }],
    ['clientIds', { clientIds: 'app' as never }],
    ['clockToleranceMs', { clockToleranceMs: NaN }],
    ['jwks', { jwks: { keys: [] } }],
    ['jwks', { jwks: { keys: [{ kty: 'oct', k: 'secret' }] } }],
    ['jwks', { jwks: 'http://keys.example/keys' }],
  ])('is not made with %s that cannot work', (option, more) => {
    expect(() => make(more)).toThrow(expect.objectContaining({ option: `entra().${option}` }));
  });
});

describe('uncheckedEntra', () => {
  it('lets every token in, by a name of its own that does not tell it', async () => {
    const auth = uncheckedEntra();
    const one = await auth.authenticate('token-of-alice', NOW_MS);
    expect(one).toEqual({ principal: { id: expect.stringMatching(/^token-[0-9a-f]{16}$/) } });
    expect(await auth.authenticate('token-of-bob', NOW_MS)).not.toEqual(one);
    expect(await auth.authenticate(undefined, NOW_MS)).toMatchObject({ refusal: 'AuthRequired' });
    expect(await auth.authenticate('x'.repeat(10_000), NOW_MS)).toMatchObject({ refusal: 'AuthInvalid' });
  });
});
