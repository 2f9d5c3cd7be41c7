/** close(), abort and re-entrance in every state: one way out, and nothing left. */
import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../src/contract.ts';
import type { ClientState } from '../src/connection/state.ts';
import type { ProxyClientOptions } from '../src/options.ts';
import { startServer, type Turn } from './support/scripted-server.ts';
import { closingBy, dropping, staying } from './support/turns.ts';
import { WatchedClient } from './support/watched-client.ts';

type Case = [ClientState, Turn, Partial<ProxyClientOptions>];

const cases: Case[] = [
  ['authorizing', staying, { token: () => new Promise(() => {}) }],
  ['connecting', 'silence', {}],
  ['open', staying, {}],
  ['waiting', dropping, {}],
  ['waiting', closingBy('RateLimited', ' retry_after=10'), {}],
  ['offline', dropping, {}],
];

/** A client in the state, with the promise of its connect(). */
async function clientIn([state, turn, options]: Case) {
  const server = await startServer(turn);
  const watched = new WatchedClient({ url: server.url, ...options });
  if (state === 'offline') watched.network.tell('offline');
  const outcome = watched.client.connect().then(
    () => 'opened',
    (error: Error) => error,
  );
  await watched.reach(state);
  if (state === 'connecting') await server.until(() => server.visits.length === 1);
  return { server, watched, outcome };
}

test.each(cases)('leaves nothing when closed while %s', async (...theCase) => {
  const { server, watched, outcome } = await clientIn(theCase);
  await watched.client.close();
  expect(watched.snapshot).toMatchObject({ state: 'closed', bufferedBytes: 0 });
  expect(watched.scheduler.pending).toEqual([]);
  expect(watched.network.listeners.size).toBe(0);
  await server.until(() => server.openSockets() === 0);
  const hadOpened = watched.payloads('open').length > 0;
  expect(await outcome).toEqual(hadOpened ? 'opened' : expect.objectContaining({ name: 'AbortError' }));
  expect(watched.payloads('close')).toHaveLength(hadOpened ? 1 : 0);
});

test.each(cases)('may be closed twice while %s', async (...theCase) => {
  const { watched } = await clientIn(theCase);
  await Promise.all([watched.client.close(), watched.client.close()]);
  await watched.client.close();
  expect(watched.snapshot.state).toBe('closed');
});

test.each(cases)('opens again after a close while %s', async (...theCase) => {
  const { watched } = await clientIn(theCase);
  const closed = watched.client.close();
  const opened = watched.client.connect();
  await closed;
  await watched.client.close();
  await expect(opened).rejects.toMatchObject({ name: 'AbortError' });
  expect(watched.scheduler.pending).toEqual([]);
});

test('closes with the given code and reason', async () => {
  let seen: unknown[] = [];
  const server = await startServer((socket) => {
    socket.on('close', (code, reason) => (seen = [code, reason.toString()]));
  });
  const { client } = new WatchedClient({ url: server.url });
  await client.connect();
  await client.close(4001, 'signed out');
  await server.until(() => server.openSockets() === 0);
  expect(seen).toEqual([4001, 'signed out']);
});

test('rejects a code that may not be sent, and stays open', async () => {
  const server = await startServer(staying);
  const { client } = new WatchedClient({ url: server.url });
  await client.connect();
  await expect(client.close(1006)).rejects.toThrow();
  expect(client.getSnapshot().state).toBe('open');
});

test('does nothing when there is nothing to close', async () => {
  const watched = new WatchedClient({ url: 'ws://127.0.0.1:9/' });
  await watched.client.close();
  expect(watched.states).toEqual(['idle']);
});

test('takes a silent peer for gone after a while', async () => {
  const server = await startServer((socket) => void (socket.close = () => {}));
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  const closed = watched.client.close();
  expect(watched.snapshot.state).toBe('closing');
  watched.scheduler.advance(2_000);
  await closed;
  expect(watched.payloads('close')).toMatchObject([{ wasClean: false }]);
  await server.until(() => server.openSockets() === 0);
});

test('connects again once the closing socket is gone', async () => {
  const server = await startServer(staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  void watched.client.close();
  await watched.client.connect();
  expect(watched.states.slice(3)).toEqual(['open', 'closing', 'closed', 'authorizing', 'connecting', 'open']);
  expect(watched.payloads('close')).toMatchObject([{ code: NORMAL_CLOSURE, wasClean: true }]);
});

test('does not connect again when it is closed once more while closing', async () => {
  const server = await startServer(staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  const closed = watched.client.close();
  const opened = watched.client.connect();
  void watched.client.close();
  await expect(opened).rejects.toMatchObject({ name: 'AbortError' });
  await closed;
  expect(watched.states.at(-1)).toBe('closed');
  expect(server.visits).toHaveLength(1);
});

test('neither sends what is held nor reports success when an open listener closes', async () => {
  const server = await startServer(staying);
  const { client } = new WatchedClient({ url: server.url });
  client.on('open', () => void client.close());
  const opened = client.connect();
  client.send('held');
  await expect(opened).rejects.toMatchObject({ name: 'AbortError' });
  await server.until(() => server.openSockets() === 0);
  expect(server.visits[0]?.frames).toEqual([]);
});

test('has one promise at a time', async () => {
  const server = await startServer(staying);
  const { client } = new WatchedClient({ url: server.url });
  const opened = client.connect();
  expect(client.connect()).toBe(opened);
  await opened;
  await client.connect();
  expect(server.visits).toHaveLength(1);
});

test('ends a pending connect by its signal, with the reason of the signal', async () => {
  const { watched } = await clientIn(['connecting', 'silence', {}]);
  const aborter = new AbortController();
  const opened = watched.client.connect({ signal: aborter.signal });
  const reason = new Error('changed my mind');
  aborter.abort(reason);
  await expect(opened).rejects.toBe(reason);
  await watched.reach('closed');
  expect(watched.scheduler.pending).toEqual([]);
});

test.each([null, 0, '', false])('rejects also when the reason of the signal is %j', async (reason) => {
  const { watched } = await clientIn(['connecting', 'silence', {}]);
  const aborter = new AbortController();
  const opened = watched.client.connect({ signal: aborter.signal });
  aborter.abort(reason);
  await expect(opened).rejects.toBe(reason);
});

test('does not begin for a signal that is aborted already', async () => {
  const watched = new WatchedClient({ url: 'ws://127.0.0.1:9/' });
  await expect(watched.client.connect({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(watched.states).toEqual(['idle']);
});

test('stays open when the signal of its connect is aborted later', async () => {
  const server = await startServer(staying);
  const { client } = new WatchedClient({ url: server.url });
  const aborter = new AbortController();
  await client.connect({ signal: aborter.signal });
  aborter.abort();
  expect(client.getSnapshot().state).toBe('open');
});

const reentered = ['state', 'open', 'close', 'reconnecting'] as const;
test.each(reentered)('may be closed from inside a listener for %s', async (name) => {
  const server = await startServer(dropping);
  const watched = new WatchedClient({ url: server.url });
  watched.client.on(name, () => void watched.client.close());
  watched.client.connect().catch(() => {});
  await watched.reach('closed');
  expect(watched.scheduler.pending).toEqual([]);
  expect(watched.network.listeners.size).toBe(0);
  await server.until(() => server.openSockets() === 0);
});

test('may be connected again from inside the listener that hears of the failure', async () => {
  const server = await startServer(closingBy('OriginDenied'), staying);
  const watched = new WatchedClient({ url: server.url });
  watched.client.once('error', () => void watched.client.connect());
  await watched.client.connect();
  await watched.reach('failed');
  await watched.reach('open');
  expect(server.visits).toHaveLength(2);
});
