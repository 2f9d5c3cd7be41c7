import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../contract/index.ts';
import { closeFrame } from '../relay/frame-writer.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { Changes } from '../testing/changes.ts';
import type { Leg, LegClose } from './leg.ts';
import { LegSocket } from './leg-socket.ts';
import { createWsLeg } from './ws-leg.ts';

const BREACH = CLOSE_ROWS.ProtocolError;

/** A leg and its peer over a real connection, and all that the leg told its listener. */
class Rig {
  readonly frames: [string, string][] = [];
  readonly closes: LegClose[] = [];
  drains = 0;
  gones = 0;
  pongs = 0;
  readonly leg: Leg;
  readonly peer: WebSocket;
  readonly #changes = new Changes();

  constructor(leg: Leg, peer: WebSocket) {
    this.leg = leg;
    this.peer = peer;
  }

  listen(): void {
    const note = (run: () => void): void => {
      run();
      this.#changes.notify();
    };
    this.leg.listen({
      onFrame: (payload, kind) => note(() => this.frames.push([payload.toString('latin1'), kind])),
      onDrain: () => note(() => (this.drains += 1)),
      onAlive: () => note(() => (this.pongs += 1)),
      onClose: (close) => note(() => this.closes.push(close)),
      onGone: () => note(() => (this.gones += 1)),
    });
  }

  until(probe: () => boolean, what: string): Promise<unknown> {
    return this.#changes.wait({ probe: () => probe() || undefined, what: () => what });
  }
}

async function openRig(test: TestCleanup, maxPayload = 1_000): Promise<Rig> {
  const server = await serveLegs(test, maxPayload);
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  test.onTestFinished(() => peer.terminate());
  const legMade = once(server, 'connection').then(([socket]: LegSocket[]) =>
    createWsLeg(socket as LegSocket),
  );
  await once(peer, 'open');
  return new Rig(await legMade, peer);
}

describe('a ws leg', () => {
  it('delivers nothing before it is listened to, then everything in order and kind', async (test) => {
    const rig = await openRig(test);
    rig.peer.send('a');
    rig.peer.send(Buffer.from([0xff, 0]));
    await otherTraffic(test);
    expect(rig.frames).toEqual([]);
    const ponged = once(rig.peer, 'pong');
    rig.peer.ping();
    rig.listen();
    await ponged;
    rig.peer.send('€');
    await rig.until(() => rig.frames.length === 3, 'three frames');
    expect(rig.frames).toEqual([
      ['a', 'text'],
      ['\u00ff\u0000', 'binary'],
      [Buffer.from('€').toString('latin1'), 'text'],
    ]);
  });

  it('sends text as text and bytes as bytes, whatever they are made of', async (test) => {
    const rig = await openRig(test);
    const got: [string, boolean][] = [];
    rig.peer.on('message', (payload: Buffer, isBinary) => got.push([payload.toString(), isBinary]));
    rig.listen();
    rig.leg.send(Buffer.from('text'), 'text');
    rig.leg.send('bytes', 'binary');
    rig.leg.close();
    await once(rig.peer, 'close');
    expect(got).toEqual([
      ['text', false],
      ['bytes', true],
    ]);
    expect(rig.drains).toBeGreaterThan(0);
  });

  it('holds back while it is paused', async (test) => {
    const rig = await openRig(test);
    rig.listen();
    rig.leg.pause();
    rig.peer.send('held');
    rig.leg.send('marker', 'text');
    await once(rig.peer, 'message');
    expect(rig.frames).toEqual([]);
    rig.leg.resume();
    await rig.until(() => rig.frames.length === 1, 'the frame');
  });

  it.for([
    {
      title: 'a code and reason',
      end: (peer: WebSocket) => peer.close(4001, 'why'),
      close: { code: 4001, reason: 'why' },
    },
    { title: 'no code', end: (peer: WebSocket) => peer.close(), close: { code: 1005, reason: '' } },
    {
      title: 'no close frame',
      end: (peer: WebSocket) => peer.terminate(),
      close: { code: 1006, reason: '' },
    },
  ])('tells once of a peer that ends with $title', async ({ end, close }, test) => {
    await expectClose(test, end, close);
  });

  it.for([
    {
      title: 'a message too long',
      bytes: Buffer.from([0x82, 0xfe, 0x10, 0x00, 0, 0, 0, 0]),
      fault: 'TooLarge',
    },
    {
      title: 'text that is no UTF-8',
      bytes: Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff]),
      fault: 'BadPayload',
    },
    { title: 'a reserved bit', bytes: Buffer.from([0xc1, 0x80, 0, 0, 0, 0]), fault: 'ProtocolError' },
    { title: 'a frame without mask', bytes: Buffer.from([0x81, 0x01, 0x61]), fault: 'ProtocolError' },
    {
      title: 'a close code that may not be sent',
      bytes: Buffer.from([0x88, 0x82, 0, 0, 0, 0, 3, 237]),
      fault: 'ProtocolError',
    },
    { title: 'an unknown opcode', bytes: Buffer.from([0x83, 0x80, 0, 0, 0, 0]), fault: 'ProtocolError' },
  ])('names the fault of a peer that sends $title', async ({ bytes, fault }, test) => {
    const socketOf = (peer: WebSocket): { write(bytes: Buffer): void } => Reflect.get(peer, '_socket');
    await expectClose(test, (peer) => socketOf(peer).write(bytes), { fault });
  });

  it('tells of an end that came before it was listened to', async (test) => {
    const rig = await openRig(test);
    rig.leg.resume();
    rig.leg.terminate();
    await once(rig.peer, 'close');
    rig.listen();
    await rig.until(() => rig.closes.length > 0, 'the end');
    expect(rig.closes).toEqual([{ code: 1006, reason: '' }]);
  });

  it('reads the answer to its close frame even when it was paused', async (test) => {
    const rig = await openRig(test);
    rig.listen();
    rig.leg.pause();
    rig.leg.close(CLOSE_ROWS.Draining.code, 'draining');
    await rig.until(() => rig.closes.length > 0, 'the end');
    expect(rig.closes).toEqual([{ code: CLOSE_ROWS.Draining.code, reason: 'draining' }]);
  });

  it('may be used in any way once it is gone', async (test) => {
    const rig = await openRig(test);
    rig.listen();
    rig.leg.terminate();
    await rig.until(() => rig.closes.length > 0, 'the end');
    rig.leg.send('x', 'text');
    rig.leg.ping();
    rig.leg.pause();
    rig.leg.resume();
    rig.leg.close(NORMAL_CLOSURE, 'late');
    rig.leg.terminate();
    expect(rig.closes).toHaveLength(1);
    expect(rig.gones).toBe(1);
    expect(rig.leg.bufferedBytes).toBe(0);
  });

  it('hears the pong to its ping', async (test) => {
    const rig = await openRig(test);
    rig.listen();
    rig.leg.ping();
    await rig.until(() => rig.pongs === 1, 'the pong');
  });
});

describe('a peer that has ended but keeps its TCP connection', () => {
  it.for([
    {
      title: 'a close frame',
      bytes: Buffer.from([0x88, 0x85, 0, 0, 0, 0, 0x0f, 0xa1, 0x77, 0x68, 0x79]),
      close: { code: 4001, reason: 'why' },
      answer: Buffer.from([0x88, 0x05, 0x0f, 0xa1, 0x77, 0x68, 0x79]),
    },
    {
      title: 'an empty close frame',
      bytes: Buffer.from([0x88, 0x80, 0, 0, 0, 0]),
      close: { code: 1005, reason: '' },
      answer: Buffer.from([0x88, 0x00]),
    },
    {
      title: 'a close frame with a code of a breach',
      bytes: Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xea]),
      close: { code: BREACH.code, reason: '' },
      answer: closeFrame(BREACH.code, ''),
    },
    {
      title: 'reserved bits',
      bytes: Buffer.from([0xf1, 0x80, 0, 0, 0, 0]),
      close: { code: BREACH.code, reason: '', fault: 'ProtocolError' },
      answer: closeFrame(BREACH.code, BREACH.word),
    },
  ])('is told at once after $title, and is gone once, at its end', async ({ bytes, close, answer }, test) => {
    const { rig, socket, hasReceived } = await openRawRig(test);
    socket.write(bytes);
    await rig.until(() => rig.closes.length > 0, 'the end');
    await hasReceived(answer);
    expect(rig.closes).toEqual([close]);
    expect(rig.gones).toBe(0);
    socket.destroy();
    await rig.until(() => rig.gones > 0, 'the end of the socket');
    expect(rig.closes).toEqual([close]);
    expect(rig.gones).toBe(1);
  });

  it('is told to who listens only then, and is gone after it', async (test) => {
    const { rig, socket, hasReceived } = await openRawRig(test, false);
    rig.leg.resume();
    socket.write(Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x0f, 0xa1]));
    await hasReceived(Buffer.from([0x88, 0x02, 0x0f, 0xa1]));
    rig.listen();
    expect(rig.closes).toEqual([{ code: 4001, reason: '' }]);
    expect(rig.gones).toBe(0);
    socket.destroy();
    await rig.until(() => rig.gones > 0, 'the end of the socket');
    expect([rig.closes.length, rig.gones]).toEqual([1, 1]);
  });

  it('is not told for the leg’s own close, until its answer ends the connection', async (test) => {
    const { rig, socket, hasReceived } = await openRawRig(test);
    rig.leg.close(4000, 'own');
    await hasReceived(Buffer.from([0x88, 0x05, 0x0f, 0xa0, 0x6f, 0x77, 0x6e]));
    expect([rig.closes.length, rig.gones]).toEqual([0, 0]);
    socket.destroy();
    await rig.until(() => rig.gones > 0, 'the end of the socket');
    expect(rig.closes).toEqual([{ code: 1006, reason: '' }]);
    expect(rig.gones).toBe(1);
  });

  it('is not told for its answer to the leg’s own close either', async (test) => {
    const { rig, socket } = await openRawRig(test);
    rig.leg.close(4000, 'own');
    const ended = once(socket, 'end');
    socket.write(Buffer.from([0x88, 0x85, 0, 0, 0, 0, 0x0f, 0xa0, 0x6f, 0x77, 0x6e]));
    await ended;
    expect([rig.closes.length, rig.gones]).toEqual([0, 0]);
    socket.destroy();
    await rig.until(() => rig.gones > 0, 'the end of the socket');
    expect(rig.closes).toEqual([{ code: 4000, reason: 'own' }]);
    expect(rig.gones).toBe(1);
  });
});

interface RawRig {
  readonly rig: Omit<Rig, 'peer'>;
  readonly socket: Socket;
  /** Resolves when these bytes have come from the leg. */
  hasReceived(bytes: Buffer): Promise<unknown>;
}

/** A leg whose peer is a bare socket: it answers nothing, and stays when the leg ends its side. */
async function openRawRig(test: TestCleanup, isListening = true): Promise<RawRig> {
  const server = await serveLegs(test, 1_000);
  const legMade = once(server, 'connection');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  test.onTestFinished(() => void socket.destroy());
  socket.on('error', () => undefined);
  const changes = new Changes();
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    changes.notify();
  });
  const hasReceived = (bytes: Buffer): Promise<unknown> =>
    changes.wait({ probe: () => received.includes(bytes) || undefined, what: () => 'bytes of the leg' });
  socket.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
  );
  const [made] = (await legMade) as [LegSocket];
  const rig = new Rig(createWsLeg(made), undefined as never);
  await hasReceived(Buffer.from('\r\n\r\n'));
  if (isListening) rig.listen();
  return { rig, socket, hasReceived };
}

async function serveLegs(test: TestCleanup, maxPayload: number): Promise<WebSocketServer> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload, WebSocket: LegSocket });
  test.onTestFinished(() => server.close());
  await once(server, 'listening');
  return server;
}

/** A round trip on another connection: whatever was sent before it on this machine has arrived after it. */
async function otherTraffic(test: TestCleanup): Promise<void> {
  const other = await openRig(test);
  other.listen();
  other.peer.ping();
  await once(other.peer, 'pong');
}

async function expectClose(test: TestCleanup, end: (peer: WebSocket) => void, close: object): Promise<void> {
  const rig = await openRig(test);
  rig.peer.on('error', () => undefined);
  rig.listen();
  end(rig.peer);
  await rig.until(() => rig.closes.length > 0, 'the end');
  expect(rig.closes).toHaveLength(1);
  expect(rig.closes[0]).toMatchObject(close);
  await rig.until(() => rig.gones > 0, 'the end of the socket');
  expect([rig.closes.length, rig.gones]).toEqual([1, 1]);
}
