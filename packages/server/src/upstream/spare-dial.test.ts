import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { startRawUpstream, switchingTo, type RawUpstream } from '../../test/support/raw-upstream.ts';
import { createTestClock } from '../../test/support/test-clock.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../contract/index.ts';
import { Stop } from '../stop-signal.ts';
import { encodeClose, encodeFrame, OPCODES } from '../testing/wire-frames.ts';
import { createConnector } from './connector.ts';
import { createOpenDial } from './dial.ts';
import { createOpenUpstream, type OpenedUpstream } from './open-upstream.ts';
import { Secret } from './secret.ts';
import { MOST_FIRST_BYTES } from './spare.ts';
import { createSpareDial } from './spare-dial.ts';
import { websocket } from './websocket.ts';
import { withSpares, type SpareOptions } from './with-spares.ts';

const KEY = 'a-key-that-must-not-be-told';
const text = (payload: string): Buffer => encodeFrame({ opcode: OPCODES.text, payload });
const GOING = encodeFrame({ opcode: OPCODES.close, payload: encodeClose(CLOSE_ROWS.Draining.code) });

/** An upstream that opens what it is asked for, and says `greeting` with it. */
async function rig(test: TestCleanup, options: Partial<SpareOptions> = {}, greeting?: Buffer) {
  const received = new Map<Socket, Buffer>();
  /** Whether requests are taken, and how many are answered at all. */
  const state = { opens: true, answers: Infinity };
  const upstream = await startRawUpstream(test, {
    onConnection: (socket) =>
      void socket.on('data', (chunk: Buffer) =>
        received.set(socket, Buffer.concat([received.get(socket) ?? Buffer.alloc(0), chunk])),
      ),
    onRequest(socket, request) {
      if (upstream.requests.length > state.answers) return;
      if (!state.opens) return void socket.destroy();
      socket.write(Buffer.concat([Buffer.from(switchingTo(request)), greeting ?? Buffer.alloc(0)]));
    },
  });
  const clock = createTestClock();
  const sockets: Socket[] = [];
  const real = createConnector({ allowPrivateAddresses: false });
  const connect: typeof real.connect = (url, reads) => {
    const socket = real.connect(url, reads);
    test.onTestFinished(() => socket.destroy());
    sockets.push(socket);
    return socket;
  };
  const spares = createSpareDial(createOpenDial(createOpenUpstream(clock, { ...real, connect })), clock);
  const url = `ws://127.0.0.1:${upstream.port}/v1`;
  const route = withSpares(websocket({ url, apiKey: KEY }), { count: 1, ...options });
  const target = { service: 'socket', url };
  const dial = (more: object = {}, signal = new Stop()): Promise<OpenedUpstream> =>
    spares.dial(route, { ...target, ...more }, signal);
  /** A session has come, and `count` spares are there for the next. */
  const warmUp = async (count = 1): Promise<void> => {
    await dial();
    await untilOpen(sockets, 1 + count, upstream);
  };
  return { upstream, received, state, clock, sockets, spares, dial, warmUp };
}

/** All these connections are open, and what came with their answers is read. */
const untilOpen = (sockets: readonly Socket[], count: number, upstream: RawUpstream): Promise<void> =>
  eventually(
    () => upstream.requests.length === count && sockets.every((one) => one.bytesRead > 0 || one.destroyed),
    () => `${count} connections, not ${upstream.requests.length}`,
  );

const untilAsked = ({ requests }: RawUpstream, count: number): Promise<void> =>
  eventually(
    () => requests.length === count,
    () => `${count} requests, not ${requests.length}`,
  );

const untilGone = (socket: Socket | undefined): Promise<void> =>
  eventually(
    () => socket?.destroyed === true,
    () => 'the connection to end',
  );

/** What promises and sockets had to do is done. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
}

describe('a dial with spares', () => {
  it('opens one after a session has come, and gives it to the next', async (context) => {
    const { upstream, sockets, dial, warmUp } = await rig(context);
    expect(sockets).toHaveLength(0);
    await warmUp();
    expect((await dial()).socket).toBe(sockets[1]);
    await untilOpen(sockets, 3, upstream);
    expect((await dial()).socket).toBe(sockets[2]);
  });

  it('gives none to two sessions', async (context) => {
    const { sockets, dial, warmUp } = await rig(context, { count: 2 });
    await warmUp(2);
    const opened = await Promise.all([dial(), dial(), dial(), dial()]);
    expect(new Set(opened.map(({ socket }) => socket)).size).toBe(4);
    expect(opened.filter(({ socket }) => socket === sockets[1] || socket === sockets[2])).toHaveLength(2);
  });

  it('keeps no more than it should, and opens one at a time', async (context) => {
    const { upstream, sockets, warmUp } = await rig(context, { count: 3 });
    await warmUp(3);
    await settled();
    expect(sockets).toHaveLength(4);
    expect(upstream.connections.filter(({ destroyed }) => !destroyed)).toHaveLength(4);
  });

  it('hands over what the provider has said, in order', async (context) => {
    const { upstream, dial, warmUp } = await rig(context, {}, text('one'));
    await warmUp();
    for (const word of ['two', 'six']) {
      upstream.connections[1]?.write(text(word));
      await settled();
    }
    const { head } = await dial();
    expect(head).toEqual(Buffer.concat(['one', 'two', 'six'].map(text)));
  });

  it('leaves to the session what comes after it was taken', async (context) => {
    const { upstream, dial, warmUp } = await rig(context, {}, text('one'));
    await warmUp();
    const { head, reads } = await dial();
    upstream.connections[1]?.write(text('two'));
    await settled();
    expect(Buffer.concat([head, reads.takeWaiting()])).toEqual(Buffer.concat([text('one'), text('two')]));
  });

  it.for<[string, (socket: Socket) => unknown]>([
    ['has ended', (socket) => socket.end()],
    ['was reset', (socket) => socket.resetAndDestroy()],
    ['was closed', (socket) => socket.write(GOING)],
    ['has said too much', (socket) => socket.write(text('x'.repeat(MOST_FIRST_BYTES)))],
    ['has broken the protocol', (socket) => socket.write(Buffer.alloc(16, 0xff))],
  ])('throws one away that %s, and opens none for a while', async ([, spoil], context) => {
    const { upstream, clock, sockets, dial, warmUp } = await rig(context);
    await warmUp();
    spoil(upstream.connections[1] as Socket);
    await untilGone(sockets[1]);
    expect((await dial()).socket).toBe(sockets[2]);
    await settled();
    expect(sockets).toHaveLength(3);
    clock.advance(1_000);
    await dial();
    await untilOpen(sockets, 5, upstream);
  });

  it('dials when the one that is taken proves dead at once', async (context) => {
    const { upstream, sockets, dial, warmUp } = await rig(context);
    await warmUp();
    upstream.connections[1]?.destroy();
    expect(sockets[1]?.destroyed).toBe(false);
    expect((await dial()).socket).toBe(sockets[2]);
  });
});

describe('a spare that grows old', () => {
  it('is ended with a close, and another is opened while sessions have come', async (context) => {
    const { upstream, received, clock, sockets, warmUp } = await rig(context, { longestIdleMs: 4_000 });
    await warmUp();
    clock.advance(3_999);
    expect(sockets[1]?.destroyed).toBe(false);
    clock.advance(1);
    await untilGone(sockets[1]);
    await untilOpen(sockets, 3, upstream);
    const [socket] = upstream.connections.slice(1);
    const frames = received.get(socket as Socket)?.subarray(upstream.requests[1]?.length);
    // FIN, close, masked, two bytes of code.
    expect([frames?.[0], frames?.[1], frames?.length]).toEqual([0x88, 0x82, 8]);
    expect((frames?.readUInt16BE(6) ?? 0) ^ (frames?.readUInt16BE(2) ?? 0)).toBe(NORMAL_CLOSURE);
  });

  it('is the last when no session has come for long', async (context) => {
    const { clock, sockets, warmUp } = await rig(context, { longestIdleMs: 4_000, keptForMs: 4_000 });
    await warmUp();
    clock.advance(4_000);
    await untilGone(sockets[1]);
    await settled();
    expect([sockets.length, clock.pending()]).toEqual([2, 0]);
  });

  it('is ended at once when it took so long to open that nobody wants it any more', async (context) => {
    const { upstream, state, clock, sockets, dial } = await rig(context, { keptForMs: 4_000 });
    state.answers = 1;
    await dial();
    await untilAsked(upstream, 2);
    clock.advance(4_000);
    upstream.connections[1]?.write(switchingTo(upstream.requests[1] ?? ''));
    await untilGone(sockets[1]);
    expect(clock.pending()).toBe(0);
  });

  it('is not taken, even when its timer is late', async (context) => {
    const { clock, sockets, dial, warmUp } = await rig(context);
    await warmUp();
    const now = clock.now() + 5_000;
    clock.now = () => now;
    expect((await dial()).socket).toBe(sockets[2]);
    expect(sockets[1]?.destroyed).toBe(true);
  });
});

describe('a spare is not taken', () => {
  it.for<[string, object]>([
    ['for another query', { url: 'query' }],
    ['with another key', { key: new Secret('another-key-0123456789') }],
    ["with a user's token", { token: new Secret('a-token-0123456789') }],
  ])('%s', async ([, more], context) => {
    const { upstream, sockets, dial, warmUp } = await rig(context);
    await warmUp();
    const url = `ws://127.0.0.1:${upstream.port}/v1?a=1`;
    expect((await dial('url' in more ? { url } : more)).socket).toBe(sockets[2]);
    expect(sockets[1]?.destroyed).toBe(false);
  });

  it('by a client that has left meanwhile, and is not given back', async (context) => {
    const { sockets, dial, warmUp } = await rig(context);
    await warmUp();
    const client = new Stop();
    const going = dial({}, client).catch((error: unknown) => error);
    client.abort();
    expect(await going).toMatchObject({ closeName: 'Internal' });
    expect(sockets[1]?.destroyed).toBe(true);
  });
});

describe('spares', () => {
  it('are not opened for a provider that fails, before a time that grows', async (context) => {
    const { state, clock, sockets, dial } = await rig(context);
    await dial();
    await settled();
    const opened: number[] = [];
    state.opens = false;
    sockets[1]?.destroy();
    await settled();
    for (const ms of [1_000, 1_000, 1_000]) {
      clock.advance(ms);
      state.opens = true;
      const going = dial();
      await going;
      state.opens = false;
      await settled();
      opened.push(sockets.length);
    }
    // Of the first it is only known that it did not last: 1 s; then one that failed: 2 s, in which no other is opened.
    expect(opened).toEqual([4, 5, 7]);
  });

  it('are opened soon again after a failure once one was of use', async (context) => {
    const { upstream, clock, sockets, dial, warmUp } = await rig(context);
    await warmUp();
    const spoilAndWait = async (at: number): Promise<void> => {
      upstream.connections[at]?.destroy();
      await untilGone(sockets[at]);
      clock.advance(1_000);
    };
    await spoilAndWait(1);
    await dial();
    await untilOpen(sockets, 4, upstream);
    expect((await dial()).socket).toBe(sockets[3]);
    await untilOpen(sockets, 5, upstream);
    await spoilAndWait(4);
    await dial();
    await untilOpen(sockets, 7, upstream);
  });

  it('end with the proxy, and the one that is being opened too', async (context) => {
    const { upstream, state, clock, sockets, spares, dial } = await rig(context, { count: 2 });
    state.answers = 2;
    await dial();
    await untilAsked(upstream, 3);
    spares.stop();
    await untilGone(sockets[1]);
    await untilGone(sockets[2]);
    expect(clock.pending()).toBe(0);
    state.answers = Infinity;
    await dial();
    await settled();
    expect(upstream.connections.filter(({ destroyed }) => !destroyed)).toHaveLength(2);
  });

  it('keep no process alive', async (context) => {
    const { sockets, dial, warmUp } = await rig(context);
    await warmUp();
    const hasRef = (socket: Socket | undefined): unknown =>
      (Reflect.get(socket ?? {}, '_handle') as { hasRef(): boolean }).hasRef();
    expect(hasRef(sockets[1])).toBe(false);
    await dial();
    expect(hasRef(sockets[1])).toBe(true);
  });
});
