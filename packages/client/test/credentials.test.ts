/** Tokens through a whole client: where they come from, how they are renewed, and when that ends. */
import { expect, test } from 'vitest';
import { CLOSE_ROWS, SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from '../src/contract.ts';
import { AuthError } from '../src/errors.ts';
import type { TokenContext } from '../src/token/token-source.ts';
import { startServer } from './support/scripted-server.ts';
import { closingBy, dropping, refusing, staying } from './support/turns.ts';
import { WatchedClient } from './support/watched-client.ts';

/** Gives t1, t2, … and remembers why. */
function counting() {
  const asked: Pick<TokenContext, 'reason' | 'attempt'>[] = [];
  const token = ({ reason, attempt }: TokenContext): string => `t${asked.push({ reason, attempt })}`;
  return { asked, token, reasons: () => asked.map(({ reason }) => reason) };
}

test('puts a literal token into the query', async () => {
  const server = await startServer(staying);
  await new WatchedClient({ url: server.url, token: 'a.b+c' }).client.connect();
  expect(server.visits[0]?.url).toBe('/route?token=a.b%2Bc');
});

test('asks for another token when the last one was refused, and dials again at once', async () => {
  const server = await startServer(refusing('AuthExpired', { session_id: 's-1' }), staying);
  const { asked, token } = counting();
  const watched = new WatchedClient({ url: server.url, token });
  await watched.client.connect();
  expect(await watched.next('refused')).toBeInstanceOf(AuthError);
  await watched.retry('open');
  expect(asked).toEqual([
    { reason: 'initial', attempt: 0 },
    { reason: 'rejected', attempt: 1 },
  ]);
  expect(server.visits.map(({ url }) => url)).toEqual(['/route?token=t1', '/route?token=t2']);
  expect(watched.payloads('reconnecting')).toEqual([expect.objectContaining({ delayMs: 0, attempt: 1 })]);
  expect(watched.payloads('refused')).toEqual([
    expect.objectContaining({ code: 'auth_expired', message: 'Told: auth_expired.', sessionId: 's-1' }),
  ]);
});

test('fails when the renewed token is refused too', async () => {
  const server = await startServer(refusing('AuthInvalid'));
  const { token, reasons } = counting();
  const watched = new WatchedClient({ url: server.url, token });
  await watched.client.connect();
  await watched.reach('waiting');
  await watched.retry('failed');
  expect(reasons()).toEqual(['initial', 'rejected']);
  expect(watched.payloads('error')).toEqual([expect.any(AuthError)]);
  expect(watched.snapshot.error).toMatchObject({ code: 'auth_invalid' });
});

test('fails with the text of the error frame when a literal token is refused', async () => {
  const server = await startServer(refusing('AuthExpired'));
  const watched = new WatchedClient({ url: server.url, token: 'literal' });
  void watched.client.connect();
  const error = await watched.next('error');
  expect(error).toBeInstanceOf(AuthError);
  expect(error).toMatchObject({
    message: 'Told: auth_expired.',
    code: 'auth_expired',
    retryable: false,
    closeCode: CLOSE_ROWS.AuthExpired.code,
    status: CLOSE_ROWS.AuthExpired.httpStatus,
  });
  expect(watched.snapshot).toMatchObject({ state: 'failed', error });
  expect(server.visits).toHaveLength(1);
});

test('suspects the token from the second failed handshake on', async () => {
  const server = await startServer({ status: 401 }, { status: 401 }, staying);
  const { asked, token } = counting();
  const watched = new WatchedClient({ url: server.url, token });
  const opened = watched.client.connect();
  await watched.retry('waiting');
  await watched.retry('open');
  await opened;
  expect(asked).toEqual([
    { reason: 'initial', attempt: 0 },
    { reason: 'suspect', attempt: 2 },
  ]);
  expect(server.visits.map(({ url }) => url.at(-1))).toEqual(['1', '1', '2']);
});

test('keeps a valid token across a reconnect and renews one that has expired', async () => {
  const server = await startServer(dropping, dropping, staying);
  const reasons: string[] = [];
  const watched: WatchedClient = new WatchedClient({
    url: server.url,
    token: ({ reason }) => {
      reasons.push(reason);
      return { token: 'jwt', expiresAt: watched.scheduler.now() + 250 };
    },
  });
  await watched.client.connect();
  await watched.retry('waiting');
  expect(reasons).toEqual(['initial']);
  await watched.retry('open');
  expect(reasons).toEqual(['initial', 'expired']);
});

test('asks a failing token function twice more before it gives up', async () => {
  const server = await startServer(staying);
  const cause = new Error('signed out');
  const watched = new WatchedClient({ url: server.url, token: () => Promise.reject(cause) });
  const opened = watched.client.connect();
  await watched.retry('waiting');
  await watched.retry('failed');
  await expect(opened).rejects.toBeInstanceOf(AuthError);
  expect(watched.snapshot.error).toMatchObject({ code: 'token_unavailable', cause });
  expect(server.visits).toHaveLength(0);
});

test('fails at once when the token function returns no token', async () => {
  const server = await startServer(staying);
  const watched = new WatchedClient({ url: server.url, token: () => '' });
  await expect(watched.client.connect()).rejects.toMatchObject({ code: 'token_invalid' });
});

test('offers the token as a subprotocol when asked to', async () => {
  const server = await startServer(staying);
  const { client } = new WatchedClient({ url: server.url, token: 'a.b', tokenTransport: 'subprotocol' });
  await client.connect();
  expect(server.visits[0]).toMatchObject({
    url: '/route',
    protocols: `${SUBPROTOCOL},${TOKEN_SUBPROTOCOL_PREFIX}a.b`,
  });
});

test('says which token does not fit into a subprotocol, and dials nothing', async () => {
  const server = await startServer(staying);
  const token = 'p4dd3d,=';
  const watched = new WatchedClient({ url: server.url, token, tokenTransport: 'subprotocol' });
  const opened = watched.client.connect();
  await expect(opened).rejects.toMatchObject({ name: 'AuthError', code: 'token_unfit', retryable: false });
  await expect(opened).rejects.not.toThrow(token);
  expect(server.visits).toHaveLength(0);
});

test('asks anew for every connect()', async () => {
  const server = await startServer(staying);
  const { token, reasons } = counting();
  const { client } = new WatchedClient({ url: server.url, token });
  await client.connect();
  await client.close();
  await client.connect();
  expect(reasons()).toEqual(['initial', 'initial']);
});

test('tells the token function when its token is no longer wanted', async () => {
  const server = await startServer(closingBy('Internal'));
  let signal: AbortSignal | undefined;
  const watched = new WatchedClient({
    url: server.url,
    token: (context) => {
      signal = context.signal;
      return new Promise(() => {});
    },
  });
  void watched.client.connect();
  await watched.reach('authorizing');
  expect(signal?.aborted).toBe(false);
  await watched.client.close();
  expect(signal?.aborted).toBe(true);
});
