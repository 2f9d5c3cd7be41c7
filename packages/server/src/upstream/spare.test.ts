import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { ReadBuffer } from '../leg/read-buffer.ts';
import { encodeFrame, OPCODES } from '../testing/wire-frames.ts';
import { Spare } from './spare.ts';

const text = (payload: string): Buffer => encodeFrame({ opcode: OPCODES.text, payload });

/** What is read of a socket that has this. */
function read(reads: ReadBuffer, bytes: Buffer): void {
  reads.onread.callback(bytes.copy(reads.onread.buffer()));
}

it('has all that was read before it was there, and since', () => {
  const reads = new ReadBuffer();
  read(reads, text('two'));
  const spare = new Spare({ socket: new PassThrough(), head: text('one'), reads }, () => undefined);
  read(reads, text('six'));
  expect(spare.isGood).toBe(true);
  expect(spare.take().head).toEqual(Buffer.concat(['one', 'two', 'six'].map(text)));
});

it('is not worth having when its connection had gone before', () => {
  const socket = new PassThrough();
  socket.destroy();
  expect(new Spare({ socket, head: Buffer.alloc(0), reads: new ReadBuffer() }, () => undefined).isGood).toBe(
    false,
  );
});

it('is told of the end of its connection, until it is taken', () => {
  for (const [event, taken] of [
    ['end', false],
    ['end', true],
    ['close', true],
  ] as const) {
    let spoilt = 0;
    const socket = new PassThrough();
    const spare = new Spare({ socket, head: Buffer.alloc(0), reads: new ReadBuffer() }, () => (spoilt += 1));
    if (taken) spare.take();
    socket.emit(event);
    expect([event, spoilt]).toEqual([event, taken ? 0 : 1]);
  }
});
