/** Frames through a whole client: kinds, order, holding, and what does not fit. */
import { expect, test, vi } from 'vitest';
import { ConnectionError } from '../src/errors.ts';
import { nextUncaught } from './support/next-uncaught.ts';
import { createFakeWebSocket } from './support/fake-websocket.ts';
import { startServer } from './support/scripted-server.ts';
import { dropping, refuse, refusing, staying } from './support/turns.ts';
import { WatchedClient } from './support/watched-client.ts';

test('opens and keeps the kind of frames in both directions', async () => {
  const server = await startServer((socket) => {
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  const watched = new WatchedClient({ url: server.url });
  const { client } = watched;
  await client.connect();
  const last = watched.next('binary');
  expect([client.send('text'), client.sendJson({ a: 1 }), client.send(new Uint8Array([1, 2]))]).toEqual(
    Array(3).fill(true),
  );
  await last;
  expect(watched.payloads('text')).toEqual(['text', '{"a":1}']);
  expect(watched.payloads('binary')).toEqual([new Uint8Array([1, 2]).buffer]);
  expect(watched.states).toEqual(['idle', 'authorizing', 'connecting', 'open']);
  expect(watched.payloads('open')).toEqual([{ attempt: 0, reconnected: false }]);
});

test('offers the given subprotocols and keeps the query', async () => {
  const server = await startServer(staying);
  const { client } = new WatchedClient({ url: `${server.url}?mode=a%20b`, protocols: ['x.v1', 'y'] });
  await client.connect();
  expect(server.visits[0]).toMatchObject({ url: '/route?mode=a%20b', protocols: 'x.v1,y' });
});

test('throws when there is no connection to send on', async () => {
  const server = await startServer(staying);
  const { client } = new WatchedClient({ url: server.url });
  const send = () => client.send('a');
  expect(send).toThrow(ConnectionError);
  await client.connect();
  const closed = client.close();
  expect(send).toThrow(/connect\(\) first/);
  await closed;
  expect(send).toThrow(ConnectionError);
});

test('holds frames until the socket is open, and tells how much is held', async () => {
  const server = await startServer(staying);
  const watched = new WatchedClient({ url: server.url });
  const opened = watched.client.connect();
  watched.client.send('one');
  watched.client.send(new Uint8Array([2]));
  expect(watched.snapshot.bufferedBytes).toBe(4);
  await opened;
  watched.client.send('three');
  await server.until(() => server.visits[0]?.frames.length === 3);
  expect(server.visits[0]?.frames).toEqual(['one', Buffer.from([2]), 'three']);
  expect(watched.snapshot.bufferedBytes).toBe(0);
});

test('keeps the order of frames across a reconnect, a first message before them all', async () => {
  const server = await startServer((socket) => socket.on('message', () => socket.terminate()), staying);
  const watched = new WatchedClient({ url: server.url });
  const { client } = watched;
  client.on('open', ({ reconnected }) => reconnected && client.send('hello again'));
  await client.connect();
  client.send('last words');
  await watched.reach('waiting');
  for (const frame of ['a', 'b', 'c']) client.send(frame);
  await watched.retry('open');
  client.send('d');
  await server.until(() => server.visits[1]?.frames.length === 5);
  expect(server.visits[1]?.frames).toEqual(['hello again', 'a', 'b', 'c', 'd']);
});

test('refuses frames beyond the budget, and says so once in an outage', async () => {
  const server = await startServer(dropping, staying);
  const watched = new WatchedClient({ url: server.url, outbox: { maxBytes: 3 } });
  await watched.client.connect();
  await watched.reach('waiting');
  expect(['abc', 'd', 'e'].map((frame) => watched.client.send(frame))).toEqual([true, false, false]);
  expect(watched.payloads('error')).toEqual([expect.objectContaining({ code: 'overflow' })]);
  expect(watched.snapshot).toMatchObject({ state: 'waiting', bufferedBytes: 3 });
  await watched.retry('open');
  watched.client.send('f');
  await server.until(() => server.visits[1]?.frames.length === 2);
  expect(server.visits[1]?.frames).toEqual(['abc', 'f']);
});

test('tells of an overflow in every outage', async () => {
  const server = await startServer(dropping);
  const watched = new WatchedClient({ url: server.url, outbox: { maxFrames: 0 } });
  await watched.client.connect();
  await watched.reach('waiting');
  watched.client.send('a');
  await watched.retry('waiting');
  watched.client.send('b');
  expect(watched.payloads('error')).toHaveLength(2);
});

test('sends held frames again after a refusal, since a refusing server reads nothing', async () => {
  const server = await startServer(refusing('AuthExpired'), staying);
  const watched = new WatchedClient({ url: server.url, token: ({ reason }) => reason });
  const opened = watched.client.connect();
  watched.client.send('early');
  await opened;
  await watched.next('close');
  await watched.reach('waiting');
  await watched.retry('open');
  await server.until(() => server.visits[1]?.frames.length === 1);
  expect(server.visits[1]?.frames).toEqual(['early']);
});

test('does not send held frames twice when the connection is lost', async () => {
  const server = await startServer(dropping, staying);
  const watched = new WatchedClient({ url: server.url });
  const opened = watched.client.connect();
  watched.client.send('early');
  await opened;
  await watched.retry('open');
  watched.client.send('marker');
  await server.until(() => server.visits[1]?.frames.length === 1);
  expect(server.visits[1]?.frames).toEqual(['marker']);
});

test('does not send held frames again when a refusal comes after other frames', async () => {
  const server = await startServer((socket, visit) => {
    socket.send('{"type":"Welcome"}');
    refuse(socket, visit);
  }, staying);
  const watched = new WatchedClient({ url: server.url, token: ({ reason }) => reason });
  const opened = watched.client.connect();
  watched.client.send('early');
  await opened;
  await watched.retry('open');
  watched.client.send('marker');
  await server.until(() => server.visits[1]?.frames.length === 1);
  expect(server.visits[1]?.frames).toEqual(['marker']);
});

test('holds what is sent while the other end is closing', async () => {
  const { sockets, WebSocket } = createFakeWebSocket();
  const watched = new WatchedClient({ url: 'ws://host/', WebSocket });
  void watched.client.connect();
  await watched.reach('connecting');
  sockets[0]?.open();
  sockets[0]?.close();
  expect(watched.client.send('late')).toBe(true);
  sockets[0]?.end(1006);
  await watched.retry('connecting');
  sockets[1]?.open();
  expect(sockets.map(({ sent }) => sent)).toEqual([[], ['late']]);
});

test('drops what is held at the end, and does not send it on the next connection', async () => {
  const server = await startServer(dropping, staying);
  const watched = new WatchedClient({ url: server.url });
  await watched.client.connect();
  await watched.reach('waiting');
  watched.client.send('stale');
  await watched.client.close();
  expect(watched.snapshot.bufferedBytes).toBe(0);
  await watched.client.connect();
  watched.client.send('fresh');
  await server.until(() => server.visits[1]?.frames.length === 1);
  expect(server.visits[1]?.frames).toEqual(['fresh']);
});

test('goes on when a listener throws, and reports it as uncaught', async () => {
  const server = await startServer((socket) => socket.send('text'));
  const { client } = new WatchedClient({ url: server.url });
  const uncaught = nextUncaught();
  const heard = vi.fn();
  client.on('text', () => {
    throw new Error('a bug of the application');
  });
  client.on('text', heard);
  await client.connect();
  expect(await uncaught).toMatchObject({ message: 'a bug of the application' });
  expect(heard).toHaveBeenCalledExactlyOnceWith('text');
  expect(client.getSnapshot().state).toBe('open');
});

test('changes the identity of the snapshot only with its content, and freezes it', async () => {
  const server = await startServer(staying);
  const { client } = new WatchedClient({ url: server.url });
  const seen = [client.getSnapshot()];
  const stop = client.subscribe(() => seen.push(client.getSnapshot()));
  await client.connect();
  client.send('does not change it');
  stop();
  await client.close();
  expect(seen.every(Object.isFrozen)).toBe(true);
  expect(new Set(seen.map((snapshot) => JSON.stringify(snapshot))).size).toBe(seen.length);
});
