import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthOutcome } from '../auth/authenticator.ts';
import { readQuery, type CloseName } from '../contract/index.ts';
import { deepgram } from '../upstream/presets/deepgram.ts';
import type { Route } from '../upstream/route.ts';
import { admit, type Verdict } from './admit.ts';
import type { UpgradeRequest } from './upgrade.ts';

const vendor = deepgram({ apiKey: 'k'.repeat(40) });
const route: Route = vendor;
const plain: Route = { ...vendor, preset: { ...vendor.preset, refusal: 'close' } };

/** Names of the checks in the order in which they were made. */
let order: string[];
let isOriginAllowed: boolean;
let outcome: AuthOutcome;

beforeEach(() => {
  order = [];
  isOriginAllowed = true;
  outcome = { principal: { id: 'alice' } };
});

interface Upgrade {
  readonly query?: string;
  readonly offer?: readonly string[];
  readonly authorization?: string;
}

function ask(
  { query = 'token=X', offer = [], authorization }: Upgrade = {},
  of: Route = route,
): Promise<Verdict> {
  const upgrade: UpgradeRequest = {
    path: '/deepgram-proxy',
    query: readQuery(query),
    host: 'proxy.test',
    origin: 'https://app.test',
    subprotocols: offer,
    key: 'k',
    header: (name) => (name === 'authorization' ? authorization : undefined),
  };
  const admission = {
    auth: {
      title: 'a spy',
      authenticate: (token: string | undefined, nowMs: number) => {
        order.push(`auth ${token} at ${nowMs}`);
        return Promise.resolve(outcome);
      },
    },
    origins: {
      allows: (origin: string | undefined, host: string) => {
        order.push(`origin ${origin} for ${host}`);
        return isOriginAllowed;
      },
    },
    now: () => 7,
  };
  return admit(admission, of, upgrade);
}

const refusal = (name: CloseName, more: object = {}): object => ({
  refused: expect.objectContaining({ name, ...more }),
});

describe('admit', () => {
  it('lets in by origin, then token, and says what to dial and what to echo', async () => {
    const verdict = await ask({ query: 'service=transcription&model=x', offer: ['token', 'X'] });
    expect(order).toEqual(['origin https://app.test for proxy.test', 'auth X at 7']);
    expect(verdict).toMatchObject({
      admitted: { principal: { id: 'alice' }, target: { service: 'listen' }, echo: 'token', style: 'http' },
    });
  });

  it('keeps the token and its parameter out of what is dialled', async () => {
    const verdict = await ask({ query: 'a=1&token=SECRET-TOKEN&to%6ben=SECRET-TOKEN' });
    expect(JSON.stringify(verdict)).not.toContain('SECRET-TOKEN');
    expect(verdict).toMatchObject({ admitted: { target: { url: expect.stringMatching(/\?a=1$/) } } });
  });

  it('does not look at the token of a foreign origin, and tells it over HTTP', async () => {
    isOriginAllowed = false;
    const verdict = await ask({ offer: ['voxproxy.v1', 'voxproxy.token.X'] });
    expect(verdict).toEqual(refusal('OriginDenied', { style: 'http', echo: undefined }));
    expect(order).toHaveLength(1);
  });

  it('does not ask who it is when two tokens differ', async () => {
    expect(await ask({ query: 'token=a&token=b' })).toEqual(refusal('BadRequest'));
    expect(order).toHaveLength(1);
  });

  it('asks who it is before it judges the query', async () => {
    outcome = { refusal: 'AuthExpired', why: 'old' };
    expect(await ask({ query: 'token=X&callback=https://evil.test' })).toEqual(
      refusal('AuthExpired', { why: 'old' }),
    );
    outcome = { principal: { id: 'alice' } };
    expect(await ask({ query: 'token=X&Callback=https://evil.test' })).toEqual(
      refusal('PolicyViolation', { why: 'query parameter "Callback"' }),
    );
  });

  it('asks also when there is no token, since the application may need none', async () => {
    expect(await ask({ query: '' })).toHaveProperty('admitted');
    expect(order).toContain('auth undefined at 7');
  });

  it('rejects when the check itself fails', async () => {
    outcome = undefined as unknown as AuthOutcome;
    await expect(ask()).rejects.toThrow(TypeError);
  });
});

describe('the style of a refusal', () => {
  const invalid: AuthOutcome = { refusal: 'AuthInvalid', why: 'x' };

  it.each([
    { title: '?token=', upgrade: {}, style: 'close' },
    { title: 'Authorization: Bearer', upgrade: { query: '', authorization: 'Bearer X' }, style: 'close' },
    {
      title: 'our subprotocol',
      upgrade: { query: '', offer: ['voxproxy.v1', 'voxproxy.token.X'] },
      style: 'close',
    },
    { title: 'no credential at all', upgrade: { query: '' }, style: 'close' },
    { title: 'the vendor’s subprotocol', upgrade: { query: '', offer: ['token', 'X'] }, style: 'http' },
    { title: 'the vendor’s header', upgrade: { query: '', authorization: 'Token X' }, style: 'http' },
    {
      title: 'an offered subprotocol without credential',
      upgrade: { query: '', offer: ['realtime'] },
      style: 'http',
    },
    { title: '?token= beside an offered subprotocol', upgrade: { offer: ['realtime'] }, style: 'close' },
  ])('follows $title', async ({ upgrade, style }) => {
    outcome = invalid;
    expect(await ask(upgrade)).toEqual(refusal('AuthInvalid', { style }));
    expect(await ask(upgrade, plain)).toEqual(refusal('AuthInvalid', { style: 'close' }));
  });

  it('comes with an echo that holds no token', async () => {
    outcome = invalid;
    expect(await ask({ query: '', offer: ['token', 'X'] })).toEqual(
      refusal('AuthInvalid', { echo: 'token' }),
    );
    expect(await ask({ query: '', offer: ['voxproxy.token.X', 'other'] })).toEqual(
      refusal('AuthInvalid', { echo: 'other' }),
    );
    expect(await ask({ offer: ['X'] })).toEqual(refusal('AuthInvalid', { echo: undefined }));
  });
});
