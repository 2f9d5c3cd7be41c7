import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../contract/index.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { Changes } from '../testing/changes.ts';
import type { Leg, LegClose } from './leg.ts';
import { createWsLeg } from './ws-leg.ts';

/** A leg and its peer over a real connection, and all that the leg told its listener. */
class Rig {
  readonly frames: [string, string][] = [];
  readonly closes: LegClose[] = [];
  drains = 0;
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
    });
  }

  until(probe: () => boolean, what: string): Promise<unknown> {
    return this.#changes.wait({ probe: () => probe() || undefined, what: () => what });
  }
}

async function openRig(test: TestCleanup, maxPayload = 1_000): Promise<Rig> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload });
  test.onTestFinished(() => server.close());
  await once(server, 'listening');
  const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  test.onTestFinished(() => peer.terminate());
  const legMade = once(server, 'connection').then(([socket]: WebSocket[]) =>
    createWsLeg(socket as WebSocket),
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
    expect(rig.leg.bufferedBytes).toBe(0);
  });

  it('hears the pong to its ping', async (test) => {
    const rig = await openRig(test);
    rig.listen();
    rig.leg.ping();
    await rig.until(() => rig.pongs === 1, 'the pong');
  });
});

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
}
