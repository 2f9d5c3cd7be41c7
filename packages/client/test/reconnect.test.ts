/** The reactions of a whole client to closes and failures, on manual time. */
import { expect, test } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../src/contract.ts';
import { RateLimitError, ServerError, TimeoutError, UpstreamError } from '../src/errors.ts';
import { startServer } from './support/scripted-server.ts';
import { closingBy, dropping, refusing, staying } from './support/turns.ts';
import { WatchedClient } from './support/watched-client.ts';

test('ends cleanly when the server does', async () => {
  const server = await startServer((socket) => socket.close(NORMAL_CLOSURE, 'done'));
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('closed');
  expect(watched.payloads('close')).toEqual([{ code: NORMAL_CLOSURE, reason: 'done', wasClean: true }]);
  expect(watched.payloads('error')).toEqual([]);
  expect(watched.scheduler.pending).toEqual([]);
});

test('fails with the first failure when it may not reconnect', async () => {
  const server = await startServer({ status: 403 });
  const watched = new WatchedClient({ url: server.url, reconnect: false });
  await expect(watched.client.connect()).rejects.toMatchObject({ code: 'not_opened', retryable: true });
  expect(watched.states.at(-1)).toBe('failed');
  expect(server.visits).toHaveLength(1);
});

test('tries again when a server takes the connection and never answers', async () => {
  const server = await startServer('silence', staying);
  const watched = new WatchedClient({ url: server.url, connectTimeoutMs: 700 });
  const opened = watched.client.connect();
  await server.until(() => server.visits.length === 1);
  watched.scheduler.advance(700);
  await watched.retry('open');
  await opened;
  expect(watched.payloads('reconnecting')[0]?.cause).toMatchObject({ code: 'connect_timeout' });
  expect(watched.payloads('reconnecting')[0]?.cause).toBeInstanceOf(TimeoutError);
});

test('waits as long as the server asked, and a little more', async () => {
  const server = await startServer(refusing('RateLimited', { retry_after: 12 }), staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('waiting');
  expect(watched.payloads('refused')).toEqual([expect.any(RateLimitError)]);
  expect(watched.payloads('reconnecting')).toMatchObject([{ delayMs: 13_200, attempt: 1 }]);
  expect(watched.snapshot.retryAt).toBe(watched.scheduler.now() + 13_200);
  await watched.retry('open');
});

test('fails when the server asks for too long a wait, and tells how long', async () => {
  const server = await startServer(closingBy('RateLimited', ' retry_after=61'));
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  const error = await watched.next('error');
  expect(error).toBeInstanceOf(RateLimitError);
  expect(error).toMatchObject({ retryAfterMs: 61_000, retryable: true });
});

test('does not let connect() cut a wait short that the server asked for', async () => {
  const server = await startServer(closingBy('RateLimited', ' retry_after=10'), staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('waiting');
  const opened = watched.client.connect();
  expect(watched.snapshot.state).toBe('waiting');
  await watched.retry('open');
  await opened;
});

test('lets connect() cut a back-off short', async () => {
  const server = await startServer(dropping, staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('waiting');
  await watched.client.connect();
  expect(watched.payloads('open')).toEqual([
    { attempt: 0, reconnected: false },
    { attempt: 1, reconnected: true },
  ]);
});

test('comes back to a restarting server at any time within the spread', async () => {
  const server = await startServer(closingBy('Draining'), staying);
  const watched = new WatchedClient({ url: server.url, random: () => 0.9 });
  await watched.client.connect();
  await watched.reach('waiting');
  expect(watched.payloads('reconnecting')).toMatchObject([{ delayMs: 4_500 }]);
  expect(watched.payloads('reconnecting')[0]?.cause).toBeInstanceOf(ServerError);
});

test('gives a failing upstream three more chances', async () => {
  const server = await startServer(refusing('UpstreamUnavailable'));
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  for (const state of ['waiting', 'waiting', 'failed'] as const) await watched.retry(state);
  expect(server.visits).toHaveLength(4);
  expect(watched.snapshot.error).toBeInstanceOf(UpstreamError);
  expect(watched.snapshot.error).toMatchObject({ message: 'Told: upstream_unavailable.' });
});

test('backs off with full jitter through a storm of resets', async () => {
  const server = await startServer(dropping);
  const luck = [0, 0.25, 0.5, 0.75, 0.999, 0.5];
  const watched = new WatchedClient({ url: server.url, random: () => luck.shift() ?? 0 });
  await watched.client.connect();
  for (let drops = 1; drops < 6; drops += 1) await watched.retry('waiting');
  const bounds = [300, 600, 1_200, 2_400, 4_800, 5_000];
  const expected = [0, 0.25, 0.5, 0.75, 0.999, 0.5].map((drawn, n) => Math.round(drawn * (bounds[n] ?? 0)));
  expect(watched.payloads('reconnecting').map(({ delayMs }) => delayMs)).toEqual(expected);
  expect(watched.payloads('open').map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3, 4, 5]);
});

test('counts from zero again only after the connection was stable', async () => {
  const server = await startServer(dropping, (socket) => socket.on('message', () => socket.terminate()));
  const watched = new WatchedClient({ url: server.url, reconnect: { stableAfterMs: 4_000 } });
  await watched.client.connect();
  await watched.retry('open');
  watched.scheduler.advance(3_999);
  expect(watched.snapshot.attempt).toBe(1);
  watched.scheduler.advance(1);
  expect(watched.snapshot).toMatchObject({ state: 'open', attempt: 0 });
  watched.client.send('drop me');
  await watched.reach('waiting');
  expect(watched.payloads('reconnecting').at(-1)).toMatchObject({ attempt: 1, delayMs: 150 });
});

test('gives up after the time for trying, open and failing alternately too', async () => {
  const server = await startServer(dropping);
  const watched = new WatchedClient({ url: server.url, reconnect: { giveUpAfterMs: 1_000 } });
  await watched.client.connect();
  await watched.retry('waiting');
  await watched.retry('waiting');
  watched.scheduler.advance(1_000 - 150 - 300);
  await watched.reach('failed');
  expect(watched.snapshot.error).toBeInstanceOf(TimeoutError);
  expect(watched.snapshot.error).toMatchObject({ code: 'gave_up', cause: { code: 'closed_1006' } });
  expect(watched.scheduler.pending).toEqual([]);
});

test('counts neither the time before the last stable connection nor an open one as trying', async () => {
  const server = await startServer(dropping, (socket) => socket.on('message', () => socket.terminate()));
  const reconnect = { giveUpAfterMs: 250, stableAfterMs: 4_000 };
  const watched = new WatchedClient({ url: server.url, reconnect });
  await watched.client.connect();
  await watched.retry('open');
  watched.scheduler.advance(3_999);
  expect(watched.snapshot.state).toBe('open');
  watched.scheduler.advance(1);
  watched.client.send('drop me');
  await watched.retry('open');
  expect(watched.snapshot).toMatchObject({ attempt: 1, error: undefined });
});

test('gives up on a token function that never answers', async () => {
  const watched = new WatchedClient({ url: 'ws://127.0.0.1:9/', token: () => new Promise(() => {}) });
  const opened = watched.client.connect();
  watched.scheduler.advance(120_000);
  await expect(opened).rejects.toMatchObject({ code: 'gave_up' });
});

test('comes back from a bare server that refuses before it accepts', async () => {
  const server = await startServer({ status: 403 }, { status: 403 }, staying);
  const watched = new WatchedClient({ url: server.url, token: 'literal' });
  const opened = watched.client.connect();
  await watched.retry('waiting');
  await watched.retry('open');
  await opened;
  expect(watched.payloads('close')).toEqual([]);
  expect(watched.payloads('reconnecting')).toMatchObject([
    { cause: { code: 'not_opened', closeCode: 1006 } },
    { cause: { code: 'not_opened' } },
  ]);
});

test('starts over by connect() after it has failed', async () => {
  const server = await startServer(closingBy('OriginDenied'), staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('failed');
  expect(watched.snapshot.error).toMatchObject({ closeCode: CLOSE_ROWS.OriginDenied.code });
  await watched.client.connect();
  expect(watched.snapshot).toEqual({ state: 'open', attempt: 0, bufferedBytes: 0 });
});
