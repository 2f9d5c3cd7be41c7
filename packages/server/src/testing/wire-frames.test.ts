import { expect, test } from 'vitest';
import { encodeClose, encodeFrame, FrameReader, OPCODES, type WireFrame } from './wire-frames.ts';

function readInChunks(bytes: Buffer, chunkBytes: number): { frames: WireFrame[]; pending: number } {
  const frames: WireFrame[] = [];
  const reader = new FrameReader((frame) => frames.push(frame));
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes));
  return { frames, pending: reader.pendingBytes };
}

test('writes the examples of RFC 6455 5.7 byte for byte', () => {
  const key = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
  expect(encodeFrame({ opcode: OPCODES.text, payload: 'Hello' }).toString('hex')).toBe('810548656c6c6f');
  expect(encodeFrame({ opcode: OPCODES.text, payload: 'Hello', mask: key }).toString('hex')).toBe(
    '818537fa213d7f9f4d5158',
  );
  expect(encodeFrame({ opcode: OPCODES.text, payload: 'Hel', fin: false }).toString('hex')).toBe(
    '010348656c',
  );
  const medium = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(256) });
  expect(medium.subarray(0, 4).toString('hex')).toBe('827e0100');
  const long = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(65_536) });
  expect(long.subarray(0, 10).toString('hex')).toBe('827f0000000000010000');
});

test.each([1, 2, 3, 7, 1000, 1_000_000])('reads the same frames from chunks of %i bytes', (chunkBytes) => {
  const sizes = [0, 1, 125, 126, 127, 65_535, 65_536, 70_000];
  const shapes = sizes.map((size, index) => ({
    opcode: OPCODES.binary,
    payload: Buffer.alloc(size, index + 1),
    mask: index % 2 === 0,
  }));
  const { frames, pending } = readInChunks(Buffer.concat(shapes.map(encodeFrame)), chunkBytes);
  expect(pending).toBe(0);
  expect(frames.map(({ payload, masked }) => [payload.length, masked])).toEqual(
    shapes.map(({ payload, mask }) => [payload.length, mask]),
  );
  expect(frames.every(({ payload }, index) => payload.equals(shapes[index]?.payload ?? payload))).toBe(true);
});

test('keeps the reserved bits, the fin bit and an unknown opcode', () => {
  const { frames } = readInChunks(encodeFrame({ opcode: 0xb, rsv: 5, fin: false, payload: 'x' }), 100);
  expect(frames).toEqual([{ opcode: 0xb, rsv: 5, fin: false, masked: false, payload: Buffer.from('x') }]);
});

test('waits for the bytes that a frame announces', () => {
  const bytes = encodeFrame({ opcode: OPCODES.text, payload: 'half', announcedBytes: 8 });
  expect(readInChunks(bytes, 100)).toEqual({ frames: [], pending: bytes.length });
});

test('writes any close code, also one that may not be sent, and none', () => {
  expect(encodeClose(1006, 'gone').toString('hex')).toBe('03ee676f6e65');
  expect(encodeClose(65_535).toString('hex')).toBe('ffff');
  expect(encodeClose()).toHaveLength(0);
});
