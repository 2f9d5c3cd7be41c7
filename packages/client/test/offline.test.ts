/** What a whole client does without a network, and when it comes back or the page wakes up. */
import { expect, test } from 'vitest';
import { startServer } from './support/scripted-server.ts';
import { closingBy, dropping, staying } from './support/turns.ts';
import { WatchedClient } from './support/watched-client.ts';

test('waits for the network instead of dialling, and dials as soon as it is back', async () => {
  const server = await startServer(dropping, staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  watched.network.tell('offline');
  await watched.reach('offline');
  expect(watched.scheduler.pending).toEqual([]);
  watched.network.tell('online');
  await watched.reach('open');
  expect(watched.states).toContain('offline');
  expect(server.visits).toHaveLength(2);
});

test('goes offline in the middle of a wait', async () => {
  const server = await startServer(dropping, staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('waiting');
  watched.network.tell('offline');
  expect(watched.snapshot).toMatchObject({ state: 'offline', attempt: 1 });
  expect(watched.snapshot.retryAt).toBeUndefined();
  watched.network.tell('online');
  await watched.reach('open');
});

test('does not count the time offline as trying', async () => {
  const server = await startServer(dropping, staying);
  const watched = new WatchedClient({ url: server.url, reconnect: { giveUpAfterMs: 500 } });
  await watched.client.connect();
  await watched.reach('waiting');
  watched.network.tell('offline');
  watched.scheduler.advance(3_600_000);
  expect(watched.snapshot.state).toBe('offline');
  watched.network.tell('online');
  await watched.reach('open');
});

test('keeps a connection that survives the loss of the network', async () => {
  const server = await startServer((socket) => socket.on('message', (data) => socket.send(String(data))));
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  watched.network.tell('offline');
  watched.network.tell('online');
  const echo = watched.next('text');
  watched.client.send('still here');
  expect(await echo).toBe('still here');
  expect(server.visits).toHaveLength(1);
});

test('dials once even when the platform claims to be offline, as it does beside a local server', async () => {
  const server = await startServer(staying);
  const watched = new WatchedClient({ url: server.url });
  watched.network.tell('offline');
  await watched.client.connect();
  expect(watched.snapshot.state).toBe('open');
});

test('dials at once when the page wakes up', async () => {
  const server = await startServer(dropping, staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('waiting');
  watched.network.tell('wake');
  await watched.reach('open');
});

test('keeps a wait that the server asked for, also when the network comes back', async () => {
  const server = await startServer(closingBy('RateLimited', ' retry_after=10'), staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('waiting');
  for (const change of ['offline', 'online', 'wake'] as const) watched.network.tell(change);
  expect(watched.snapshot.state).toBe('waiting');
  await watched.retry('open');
});

test('goes offline at the end of a stated wait when there is no network then', async () => {
  const server = await startServer(closingBy('RateLimited', ' retry_after=10'), staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('waiting');
  watched.network.tell('offline');
  watched.scheduler.advance(12_000);
  expect(watched.snapshot.state).toBe('offline');
  watched.network.tell('online');
  await watched.reach('open');
});
