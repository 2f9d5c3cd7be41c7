/** What only a leg over a bare socket does; what both makings do is in leg.test.ts. */
import { EventEmitter, once } from 'node:events';
import { Duplex, PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { frame, KEY } from '../../test/support/frame-bytes.ts';
import { LegRig, openLeg, otherTraffic } from '../../test/support/leg-rig.ts';
import { MAX_FRAGMENTS, NORMAL_CLOSURE } from '../contract/index.ts';
import { createRawLeg } from './raw-leg.ts';
import { ReadBuffer } from './read-buffer.ts';

describe.each(['client', 'upstream'] as const)('a raw leg to the %s', (role) => {
  const key = role === 'client' ? KEY : undefined;
  const closeFrame = frame(0x88, Buffer.from([0x0f, 0xa1]), key);

  it('hands over bytes as they came, fragments and masks kept, without the control frames between', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    const parts = [frame(0x02, 'frag', key), frame(0x80, 'ment', key), frame(0x81, Buffer.from([0xff]), key)];
    const [first, second, third] = parts as [Buffer, Buffer, Buffer];
    rig.peerSocket.write(Buffer.concat([first, frame(0x89, 'ping', key), second, third]));
    await rig.roundTrip();
    expect(Buffer.concat(rig.wire)).toEqual(Buffer.concat(parts));
    expect(rig.leg.received).toMatchObject({ messages: 2, bytes: 9 });
  });

  it('writes over no control frame that somebody may still have', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    const pings = ['one', 'two', 'three'].map((text) => frame(0x89, text, key));
    for (const [at, ping] of pings.entries()) {
      rig.peerSocket.write(ping);
      await rig.until(() => rig.pings.length > at, 'a ping');
    }
    expect(rig.pings).toEqual(pings);
  });

  it('writes bytes of frames as they are', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    const written = role === 'upstream' ? KEY : undefined;
    rig.leg.forward(Buffer.concat([frame(0x01, 'as ', written), frame(0x80, 'it is', written)]), 'wire');
    await rig.hasGot('text:as it is');
  });

  it('ends the connection behind what it wrote, without a close frame', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    rig.leg.send('last');
    rig.leg.end();
    rig.leg.send('late');
    rig.leg.close(NORMAL_CLOSURE);
    await rig.hasTold('gone');
    expect(rig.told).toEqual(['close:1006', 'gone']);
    await rig.hasGot('close:1006');
    expect(rig.got).toEqual(['text:last', 'close:1006']);
  });

  it('knows where it stands in a message', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    const stand = (): (boolean | number)[] => [
      rig.leg.isAtBoundary,
      rig.leg.isBetweenMessages,
      rig.leg.isInMessage,
      rig.leg.openBytes,
    ];
    const begin = frame(0x02, 'begin', key);
    expect(stand()).toEqual([true, true, false, 0]);
    rig.peerSocket.write(begin.subarray(0, -1));
    await rig.until(() => rig.wire.length > 0, 'bytes');
    expect(stand()).toEqual([false, false, true, begin.length - 1]);
    rig.leg.wantsBoundary = true;
    rig.peerSocket.write(begin.subarray(-1));
    await rig.hasTold('boundary');
    expect(stand()).toEqual([true, false, true, begin.length]);
    rig.peerSocket.write(frame(0x80, '', key));
    await rig.until(() => !rig.leg.isInMessage, 'the end of the message');
    expect(stand()).toEqual([true, true, false, 0]);
  });

  it('tells where messages end when it is asked to', async (test) => {
    const rig = await openLeg(test, 'raw', role);
    rig.listen({ countsMessages: true });
    const one = frame(0x82, 'one', key);
    rig.peerSocket.write(one);
    await rig.roundTrip();
    expect(rig.told.slice(0, 2)).toEqual([`message end:${one.length}`, 'wire']);
  });

  it('refuses more fragments than the contract allows', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    const more = Array.from({ length: MAX_FRAGMENTS }, () => frame(0x00, '', key));
    rig.peerSocket.write(Buffer.concat([frame(0x02, '', key), ...more]));
    await rig.hasTold('close:PolicyViolation');
  });

  it('writes no bytes of frames after its own close', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    const received = bare(rig);
    rig.leg.close();
    rig.leg.forward(closeFrame, 'wire');
    await rig.until(() => received.bytes.length > 0, 'the close frame');
    await otherTraffic(test);
    expect(received.bytes.length).toBe(role === 'client' ? 2 : 6);
  });

  it('tells of a socket that had gone when it was handed over', async () => {
    const socket = new PassThrough();
    socket.destroy();
    await once(socket, 'close');
    const parts = { socket, head: Buffer.alloc(0), role, maxMessageBytes: 100 };
    const rig = new LegRig(createRawLeg(parts), new EventEmitter() as WebSocket).listen();
    expect(rig.told).toEqual(['close:1006', 'gone']);
  });

  it('tells what a socket brought that had gone when it was handed over', async () => {
    const socket = new PassThrough();
    socket.destroy();
    await once(socket, 'close');
    const head = Buffer.concat([frame(0x82, 'last', key), closeFrame]);
    const parts = { socket, head, role, maxMessageBytes: 100 };
    const rig = new LegRig(createRawLeg(parts), new EventEmitter() as WebSocket).listen();
    expect(rig.told).toEqual(['wire', 'close:4001', 'gone']);
    expect(Buffer.concat(rig.wire)).toEqual(frame(0x82, 'last', key));
  });

  it('tells what was read while nobody wanted it, when its socket goes', async () => {
    const socket = new PassThrough();
    const reads = new ReadBuffer();
    const parts = { socket, head: Buffer.alloc(0), role, maxMessageBytes: 100, reads };
    const rig = new LegRig(createRawLeg(parts), new EventEmitter() as WebSocket).listen();
    rig.leg.pause();
    const sent = Buffer.concat([frame(0x82, 'last', key), closeFrame]);
    sent.copy(reads.onread.buffer());
    reads.onread.callback(sent.length);
    expect(rig.told).toEqual([]);
    socket.destroy();
    await rig.hasTold('gone');
    expect(rig.told).toEqual(['wire', 'close:4001', 'gone']);
  });

  it('tells when a socket has emptied itself that takes so much at once that it would not say', async () => {
    let written = (): void => undefined;
    const socket = new Duplex({
      writableHighWaterMark: 1_000_000,
      read: () => undefined,
      write: (_chunk, _encoding, done) => {
        written = done;
      },
    });
    const parts = { socket, head: Buffer.alloc(0), role, maxMessageBytes: 100 };
    const rig = new LegRig(createRawLeg(parts), new EventEmitter() as WebSocket).listen();
    rig.leg.forward(Buffer.alloc(100_000), 'wire');
    expect([rig.leg.bufferedBytes, rig.drains]).toEqual([100_000, 0]);
    written();
    await rig.until(() => rig.drains > 0, 'that it has emptied itself');
    expect(rig.leg.bufferedBytes).toBe(0);
    socket.destroy();
  });

  it.for([
    ['ours', 'theirs'],
    ['theirs', 'ours'],
  ] as const)('leaves it to the server to end the connection: %s, then %s', async (order, test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    const received = bare(rig);
    await play(rig, order, closeFrame);
    await otherTraffic(test);
    expect(received.hasEnded).toBe(role === 'client');
    rig.peerSocket.end();
    await rig.until(() => received.hasEnded, 'the end of the leg’s side');
    await rig.hasTold('gone');
    expect(rig.told).toEqual(['close:4001', 'gone']);
  });

  it('takes an end without a close frame for a loss, also in answer to its own close', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    bare(rig);
    rig.leg.close(4000);
    rig.peerSocket.end();
    await rig.hasTold('gone');
    expect(rig.told).toEqual(['close:1006', 'gone']);
  });

  it('ends the connection once it has closed, when the peer has closed and ended before', async (test) => {
    const rig = (await openLeg(test, 'raw', role)).listen();
    bare(rig);
    rig.peerSocket.end(closeFrame);
    await rig.hasTold('close:4001');
    await otherTraffic(test);
    expect(rig.told).toEqual(['close:4001']);
    rig.leg.close(4001);
    await rig.hasTold('gone');
    expect(rig.told).toEqual(['close:4001', 'gone']);
  });
});

/** Takes the peer's socket from `ws`, so that it answers nothing and stays; tells what comes. */
function bare(rig: LegRig): { readonly bytes: Buffer; readonly hasEnded: boolean } {
  const { peerSocket: socket } = rig;
  const received = { bytes: Buffer.alloc(0), hasEnded: false };
  for (const event of ['data', 'end', 'close']) socket.removeAllListeners(event);
  socket.allowHalfOpen = true;
  socket.on('data', (chunk: Buffer) => {
    received.bytes = Buffer.concat([received.bytes, chunk]);
    rig.changed();
  });
  socket.on('end', () => {
    received.hasEnded = true;
    rig.changed();
  });
  return received;
}

/** Our close and the peer's, one after the other. */
async function play(rig: LegRig, order: readonly ('ours' | 'theirs')[], theirs: Buffer): Promise<void> {
  for (const step of order) {
    if (step === 'ours') rig.leg.close(4001);
    else {
      rig.peerSocket.write(theirs);
      await rig.hasTold('close:4001');
    }
  }
}
