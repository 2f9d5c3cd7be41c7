import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthOutcome } from '../auth/authenticator.ts';
import { findCredential } from '../auth/credential.ts';
import { readQuery, type CloseName } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';
import { deepgram } from '../upstream/presets/deepgram.ts';
import { admit, type Verdict } from './admit.ts';
import type { UpgradeRequest } from './upgrade.ts';

const route = deepgram({ apiKey: 'k'.repeat(40) });

/** Names of the checks in the order in which they were made. */
let order: string[];
let isOriginAllowed: boolean;
let outcome: AuthOutcome;
/** What the application's check throws, or rejects with. */
let failure: { readonly error: Error; readonly isThrown: boolean } | undefined;

beforeEach(() => {
  order = [];
  isOriginAllowed = true;
  outcome = { principal: { id: 'alice' } };
  failure = undefined;
});

function ask(query = 'token=X', offer: readonly string[] = []): Promise<Verdict> {
  const upgrade: UpgradeRequest = {
    path: '/deepgram-proxy',
    query: readQuery(query),
    host: 'proxy.test',
    isEncrypted: true,
    origin: 'https://app.test',
    subprotocols: offer,
    key: 'k',
    header: () => undefined,
  };
  const auth = {
    title: 'a spy',
    authenticate: (token: string | undefined, nowMs: number) => {
      order.push(`auth ${token} at ${nowMs}`);
      if (failure?.isThrown) throw failure.error;
      return failure ? Promise.reject(failure.error) : Promise.resolve(outcome);
    },
  };
  const origins = {
    allows: (origin: string | undefined, host: string, isEncrypted: boolean) => {
      order.push(`origin ${origin} for ${host} ${isEncrypted ? 'over TLS' : 'in the clear'}`);
      return isOriginAllowed;
    },
  };
  const credential = findCredential(upgrade, route.preset.clientCredential);
  const request = { method: 'GET', url: `/deepgram-proxy?${query}`, headers: {}, socket: {} };
  return admit({ auth, origins, now: () => 7 }, { route, upgrade, credential, request });
}

const refusal = (name: CloseName, why: unknown = expect.any(String)): object => ({ refused: { name, why } });

describe('admit', () => {
  it('lets in by origin, then token, and says what to dial', async () => {
    const verdict = await ask('service=transcription&model=nova-3', ['token', 'X']);
    expect(order).toEqual(['origin https://app.test for proxy.test over TLS', 'auth X at 7']);
    expect(verdict).toMatchObject({
      admitted: { principal: { id: 'alice' }, target: { service: 'listen' } },
    });
  });

  it('keeps the token and its parameter out of what is dialled', async () => {
    const verdict = await ask('a=1&token=SECRET-TOKEN&to%6ben=SECRET-TOKEN');
    expect(JSON.stringify(verdict)).not.toContain('SECRET-TOKEN');
    expect(verdict).toMatchObject({ admitted: { target: { url: expect.stringMatching(/\?a=1$/) } } });
  });

  it('does not look at the token of a foreign origin, be it good, bad or two', async () => {
    isOriginAllowed = false;
    for (const query of ['token=X', '', 'token=a&token=b', 'token=X&callback=x']) {
      expect(await ask(query)).toEqual(refusal('OriginDenied'));
    }
    expect(order.filter((check) => check.startsWith('auth'))).toEqual([]);
  });

  it('does not ask who it is when two tokens differ', async () => {
    expect(await ask('token=a&token=b')).toEqual(refusal('BadRequest'));
    expect(order).toHaveLength(1);
  });

  it('asks who it is before it judges the query', async () => {
    outcome = { refusal: 'AuthExpired', why: 'old' };
    expect(await ask('token=X&callback=https://evil.test')).toEqual(refusal('AuthExpired', 'old'));
    outcome = { principal: { id: 'alice' } };
    const denied = refusal('PolicyViolation', 'parameter "Callback"');
    expect(await ask('token=X&Callback=https://evil.test')).toEqual(denied);
  });

  it('asks also when there is no token, since the application may need none', async () => {
    expect(await ask('')).toHaveProperty('admitted');
    expect(order).toContain('auth undefined at 7');
  });

  it('tells no token in why it refused', async () => {
    const verdict = await ask('token=SECRET-ONE&token=SECRET-TWO');
    expect(JSON.stringify(verdict)).not.toContain('SECRET');
  });

  it.each([true, false])(
    'rejects with AuthUnavailable when the check of the token fails (thrown: %s)',
    async (isThrown) => {
      const error = new TypeError('no SECRET in reach');
      failure = { error, isThrown };
      const rejection = await ask().catch((cause: unknown) => cause);
      expect(rejection).toBeInstanceOf(ProxyError);
      expect(rejection).toMatchObject({ closeName: 'AuthUnavailable', cause: error });
      expect((rejection as ProxyError).message).not.toContain('SECRET');
    },
  );

  it('rejects with what it was when anything else fails', async () => {
    outcome = undefined as unknown as AuthOutcome;
    await expect(ask()).rejects.toThrow(TypeError);
    await expect(ask()).rejects.not.toBeInstanceOf(ProxyError);
  });
});
