/** One socket over real connections: open in time or not, gone once, nothing left. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { ManualScheduler } from '../../test/support/manual-scheduler.ts';
import { startServer, type Turn } from '../../test/support/scripted-server.ts';
import { withDeadline } from '../../test/support/with-deadline.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../contract.ts';
import { Attempt } from './attempt.ts';
import type { SocketClose } from './socket-close.ts';

/** An attempt with the record of what it told; `told` resolves with the first that fits. */
function attempt(url: string) {
  const scheduler = new ManualScheduler();
  const record: unknown[] = [];
  const watchers = new Set<() => void>();
  const tell = (what: unknown): void => {
    record.push(what);
    for (const watch of watchers) watch();
  };
  const listener = { onOpen: () => tell('open'), onFrame: tell, onClose: tell };
  const told = (fits: (what: unknown) => boolean): Promise<unknown> =>
    withDeadline('the attempt', (resolve) => {
      const watch = (): void => record.filter(fits).slice(0, 1).forEach(resolve);
      watchers.add(watch);
      watch();
    });
  const made = new Attempt({ url, protocols: [] }, { scheduler, connectTimeoutMs: 10_000 }, listener);
  onTestFinished(() => made.abandon());
  return {
    made,
    scheduler,
    record,
    told,
    opened: () => told((what) => what === 'open'),
    closed: () => told(isClose) as Promise<SocketClose>,
  };
}

const isClose = (what: unknown): boolean => typeof what === 'object' && what !== null && 'wasClean' in what;

/** A server that closes by a row after it has sent the frames. */
const closingBy =
  (name: keyof typeof CLOSE_ROWS, ...frames: (string | Buffer)[]): Turn =>
  (socket) => {
    for (const frame of frames) socket.send(frame);
    socket.close(CLOSE_ROWS[name].code, CLOSE_ROWS[name].word);
  };

test('keeps the kind of what it receives', async () => {
  const server = await startServer((socket) => {
    socket.send('text');
    socket.send(Buffer.from([1, 2, 3]));
  });
  const { record, told } = attempt(server.url);
  await told((what) => what instanceof ArrayBuffer);
  expect(record).toEqual(['open', 'text', new Uint8Array([1, 2, 3]).buffer]);
});

test('sends views, buffers and text as what they are', async () => {
  const server = await startServer(() => {});
  const { made, opened, scheduler } = attempt(server.url);
  await opened();
  expect(scheduler.pending).toEqual([]);
  const bytes = new Uint8Array([1, 2, 3, 4]);
  made.send('text');
  made.send(bytes.subarray(1, 3));
  made.send(bytes.buffer);
  await server.until(() => server.visits[0]?.frames.length === 3);
  expect(server.visits[0]?.frames).toEqual(['text', Buffer.from([2, 3]), Buffer.from([1, 2, 3, 4])]);
});

test('gives up on a server that takes the connection and never answers', async () => {
  const server = await startServer('silence');
  const { scheduler, record } = attempt(server.url);
  await server.until(() => server.visits.length === 1);
  scheduler.advance(9_999);
  expect(record).toEqual([]);
  scheduler.advance(1);
  expect(record).toEqual([expect.objectContaining({ hasOpened: false, timeoutMs: 10_000, code: 1006 })]);
  expect(scheduler.pending).toEqual([]);
  await server.until(() => server.openSockets() === 0);
});

test('reports a refused handshake like a lost connection that was never open', async () => {
  const server = await startServer({ status: 401 });
  const { closed, scheduler } = attempt(server.url);
  expect(await closed()).toMatchObject({ code: 1006, reason: '', hasOpened: false, timeoutMs: undefined });
  expect(scheduler.pending).toEqual([]);
});

test('reports a port where nobody listens', async () => {
  const nobody = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => nobody.once('listening', resolve));
  const { port } = nobody.address() as AddressInfo;
  await new Promise((resolve) => nobody.close(resolve));
  expect(await attempt(`ws://127.0.0.1:${port}/`).closed()).toMatchObject({ hasOpened: false });
});

const ERROR = '{"type": "Error", "code": "auth_expired", "description": "Too old."}';
const OPENAI_ERROR = '{"event_id":"e1","type":"error","error":{"code":"auth_expired","message":"Too old."}}';

test.each([ERROR, OPENAI_ERROR])('hands over the error frame right before the close: %s', async (frame) => {
  const server = await startServer(closingBy('AuthExpired', frame));
  const { closed, record } = attempt(server.url);
  expect(await closed()).toMatchObject({
    ...{ code: CLOSE_ROWS.AuthExpired.code, reason: 'auth_expired', hasOpened: true, hasSpoken: false },
    frame: { code: 'auth_expired', message: 'Too old.' },
  });
  expect(record).toContain(frame);
});

test.each(['{"type":"Welcome"}', Buffer.from([1]), '{"type":"Text","text":{"type":"error"}}'])(
  'does not take an older error for the reason of the close when %s came since',
  async (later) => {
    const server = await startServer(closingBy('Internal', ERROR, later));
    expect(await attempt(server.url).closed()).toMatchObject({ hasSpoken: true, frame: undefined });
  },
);

test('closes with code and reason, and waits for the answer', async () => {
  let seen: unknown;
  const server = await startServer((socket) =>
    socket.on('close', (code, reason) => (seen = [code, `${reason}`])),
  );
  const { made, opened, closed, scheduler } = attempt(server.url);
  await opened();
  made.close(NORMAL_CLOSURE, 'bye');
  expect(made.isWritable).toBe(false);
  expect(await closed()).toMatchObject({ code: NORMAL_CLOSURE, wasClean: true });
  await server.until(() => server.openSockets() === 0);
  expect(seen).toEqual([NORMAL_CLOSURE, 'bye']);
  expect(scheduler.pending).toEqual([]);
});

test('drops a socket whose peer does not answer the close', async () => {
  const server = await startServer((socket) => void (socket.close = () => {}));
  const { made, opened, record, scheduler } = attempt(server.url);
  await opened();
  made.close(NORMAL_CLOSURE, '');
  scheduler.advance(2_000);
  expect(record.at(-1)).toMatchObject({ hasOpened: true, wasClean: false });
  expect(scheduler.pending).toEqual([]);
  await server.until(() => server.openSockets() === 0);
});

test('says nothing after it was abandoned, and leaves no socket', async () => {
  const server = await startServer('silence');
  const { made, record, scheduler } = attempt(server.url);
  await server.until(() => server.visits.length === 1);
  made.abandon();
  await server.until(() => server.openSockets() === 0);
  expect(record).toEqual([]);
  expect(scheduler.pending).toEqual([]);
});

test('does not repeat the URL when the platform refuses it', () => {
  const dial = () => attempt('ws://host/?token=s3cret#part');
  expect(dial).toThrow(/platform refused/);
  expect(dial).not.toThrow('s3cret');
});
