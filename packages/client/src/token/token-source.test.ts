/** When the application is asked for a token, and what its answers may be. */
import { expect, test } from 'vitest';
import { AuthError } from '../errors.ts';
import { createTokenSource, type TokenContext, type TokenOption, type TokenResult } from './token-source.ts';

const target = { url: 'ws://host/', protocols: [] };
const request = { attempt: 0, signal: new AbortController().signal };

function sourceOf(token: TokenOption | undefined, now = () => 0) {
  return createTokenSource({ token, tokenTransport: 'query', target }, now);
}

/** A function that gives the answers in turn and remembers why it was asked. */
function answering(...answers: unknown[]) {
  const asked: TokenContext[] = [];
  const token = (context: TokenContext) => answers[asked.push(context) - 1] as TokenResult;
  return { asked, token };
}

test('places a literal and never has another', async () => {
  const source = sourceOf('abc');
  expect(source.canRenew).toBe(false);
  expect(await source.get(request, 'initial')).toMatchObject({ url: 'ws://host/?token=abc' });
});

test('dials without a token where there is none', async () => {
  expect(await sourceOf(undefined).get(request, 'initial')).toBe(target);
  expect(await sourceOf(() => undefined).get(request, 'initial')).toBe(target);
});

test('hands on the reason, the attempt and the signal', async () => {
  const { asked, token } = answering('a');
  await sourceOf(token).get({ ...request, attempt: 3 }, 'rejected');
  expect(asked).toEqual([{ reason: 'rejected', attempt: 3, signal: request.signal }]);
});

test('keeps the last token until it is asked with a reason', async () => {
  const { asked, token } = answering('a', Promise.resolve('b'));
  const source = sourceOf(token);
  await source.get(request, 'initial');
  expect(await source.get(request)).toMatchObject({ url: 'ws://host/?token=a' });
  expect(await source.get(request, 'suspect')).toMatchObject({ url: 'ws://host/?token=b' });
  expect(asked.map(({ reason }) => reason)).toEqual(['initial', 'suspect']);
});

test.each([
  ['half a minute before a long life ends', 600_000, 569_999, 570_000],
  ['for the last fifth of a short life', 60_000, 47_999, 48_000],
])('renews a token %s', async (_, expiresAt, fresh, stale) => {
  let now = 0;
  const { asked, token } = answering({ token: 'a', expiresAt }, { token: 'b' });
  const source = sourceOf(token, () => now);
  await source.get(request, 'initial');
  now = fresh;
  await source.get(request);
  expect(asked).toHaveLength(1);
  now = stale;
  expect(await source.get(request)).toMatchObject({ url: 'ws://host/?token=b' });
  expect(asked.at(-1)).toMatchObject({ reason: 'expired' });
});

test('does not renew what lives for ever', async () => {
  let now = 0;
  const { asked, token } = answering({ token: 'a', expiresAt: Infinity });
  const source = sourceOf(token, () => now);
  await source.get(request, 'initial');
  now = 1e15;
  await source.get(request);
  expect(asked).toHaveLength(1);
});

test('says that the function failed, and that trying again may help', async () => {
  const fault = new Error('no session');
  const failing = sourceOf(() => Promise.reject(fault)).get(request, 'initial');
  await expect(failing).rejects.toBeInstanceOf(AuthError);
  await expect(failing).rejects.toMatchObject({ code: 'token_unavailable', retryable: true, cause: fault });
  const throwing = sourceOf(() => {
    throw fault;
  });
  await expect(throwing.get(request, 'initial')).rejects.toMatchObject({ code: 'token_unavailable' });
});

const wrong = ['', 42, null, [], {}, { token: '' }, { token: 1 }, { token: 'a', expiresAt: '1' }];
test.each([...wrong, { token: 'a', expiresAt: NaN }].map((answer) => [answer]))(
  'does not take %j for a token',
  async (answer) => {
    const { token } = answering(answer);
    const source = sourceOf(token);
    const wrongly = source.get(request, 'initial');
    await expect(wrongly).rejects.toMatchObject({ code: 'token_invalid', retryable: false });
  },
);
