import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, test, type TestContext } from 'vitest';
import { WebSocketServer } from 'ws';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { headerOf, rawUpgrade } from './raw-client.ts';

/** A server by the `ws` package, as an independent judge of what the client writes and reads. */
async function judge(context: TestContext): Promise<{ port: number; server: WebSocketServer }> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  context.onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, server };
}

/** A server that keeps the bytes it gets and gives each connection to a function. */
async function listener(
  context: TestContext,
  onSocket: (socket: Socket) => void,
): Promise<{ port: number; bytes: () => string }> {
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => {});
    onSocket(socket);
  });
  context.onTestFinished(() => void server.close());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => Buffer.concat(chunks).toString('latin1'),
  };
}

test('speaks WebSocket with a server by the ws package, both ways and to the end', async (context) => {
  const { port, server } = await judge(context);
  server.on('connection', (socket) => {
    socket.on('message', (payload, isBinary) => socket.send(payload, { binary: isBinary }));
  });
  const client = await rawUpgrade(context, { port, target: '/any?x=1' });
  expect((await client.response()).line).toBe('HTTP/1.1 101 Switching Protocols');
  client.send('text');
  client.send(Buffer.alloc(70_000, 1));
  await client.waitForMessage(({ payload }) => payload.length === 70_000);
  expect(client.messages.map(({ kind, payload }) => [kind, payload.length])).toEqual([
    ['text', 4],
    ['binary', 70_000],
  ]);
  client.close(NORMAL_CLOSURE, 'bye');
  expect(await client.waitForClose()).toEqual({ code: NORMAL_CLOSURE, reason: 'bye', wasReset: false });
  expect(client.faults).toEqual([]);
});

test('echoes the close frame of the server, or leaves it when told so', async (context) => {
  const { port, server } = await judge(context);
  const closed = new Promise<number>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('close', resolve);
      socket.close(CLOSE_ROWS.Draining.code, 'draining');
    });
  });
  const client = await rawUpgrade(context, { port });
  expect(await client.waitForClose()).toMatchObject({ code: CLOSE_ROWS.Draining.code, reason: 'draining' });
  expect(await closed).toBe(CLOSE_ROWS.Draining.code);
  const rude = await rawUpgrade(context, { port, answersClose: false });
  expect(await rude.waitForCloseFrame()).toMatchObject({ code: CLOSE_ROWS.Draining.code });
  expect(rude.isGone).toBe(false);
});

test('writes exactly what it was told: repeated, left out and raw headers, and bytes behind the head', async (context) => {
  const { port, bytes } = await listener(context, (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 400 No\r\nX: 1\r\nx: 2\r\n\r\nbody')),
  );
  const client = await rawUpgrade(context, {
    port,
    method: 'POST',
    target: '//[::1',
    headers: { host: null, 'Sec-WebSocket-Key': 'K', Origin: ['a', 'b'] },
    rawLines: ['no colon', 'Bare:\nfeed'],
    tail: 'TAIL',
  });
  const response = await client.response();
  expect(bytes()).toBe(
    'POST //[::1 HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' +
      'Sec-WebSocket-Key: K\r\nOrigin: a\r\nOrigin: b\r\nno colon\r\nBare:\nfeed\r\n\r\nTAIL',
  );
  expect([response.status, response.headers]).toEqual([
    400,
    [
      ['X', '1'],
      ['x', '2'],
    ],
  ]);
  expect(() => headerOf(response, 'x')).toThrow('2 x headers');
  expect((await client.body()).toString()).toBe('body');
});

test('sends a whole request of one’s own', async (context) => {
  const { port, bytes } = await listener(context, (socket) =>
    socket.once('data', () => socket.end('HTTP/1.1 400 No\r\n\r\n')),
  );
  const client = await rawUpgrade(context, { port, request: 'GET / HTTP/0.9\n\n' });
  await client.waitForClose();
  expect(bytes()).toBe('GET / HTTP/0.9\n\n');
});

test('resets the connection, and tells when the server does', async (context) => {
  const errors: string[] = [];
  const { port } = await listener(context, (socket) => {
    socket.on('error', (error: Error & { code?: string }) => errors.push(error.code ?? ''));
    socket.once('data', (chunk: Buffer) =>
      chunk.includes('/reset-me') ? socket.resetAndDestroy() : socket.write('HTTP/1.1 101\r\n\r\n'),
    );
  });
  const victim = await rawUpgrade(context, { port, target: '/reset-me' });
  expect(await victim.waitForClose()).toMatchObject({ wasReset: true });
  await expect(victim.response()).rejects.toThrow('ended without an HTTP answer');
  const attacker = await rawUpgrade(context, { port });
  await attacker.response();
  attacker.reset();
  await attacker.waitForClose();
  await expect.poll(() => errors).toEqual(['ECONNRESET']);
});

test('names what the server does against the protocol', async (context) => {
  const { port } = await listener(context, (socket) =>
    socket.once('data', () => socket.write(Buffer.from('HTTP/1.1 101\r\n\r\n\x81\x81aaaab', 'latin1'))),
  );
  const client = await rawUpgrade(context, { port });
  await client.response();
  expect(client.faults).toEqual(['a masked frame']);
});

test('gives up waiting at its deadline, and at once when nobody listens', async (context) => {
  const { port } = await listener(context, () => {});
  const client = await rawUpgrade(context, { port, deadlineMs: 250 });
  await expect(client.response()).rejects.toThrow('waited 250 ms for an HTTP answer');
  await expect(rawUpgrade(context, { port: 1 })).rejects.toThrow('the connection was refused');
});
