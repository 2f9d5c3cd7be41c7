import { expect, test } from 'vitest';
import { CLOSE_ROWS, NO_STATUS } from '../contract/index.ts';
import { MessageReader } from './message-reader.ts';
import { encodeClose, encodeFrame, FrameReader, type FrameShape, OPCODES } from './wire-frames.ts';

const { text, binary, continuation, ping, pong, close } = OPCODES;

/** What a server's reader makes of frames, as short words in order. */
function readAll(shapes: readonly FrameShape[], mask = true): unknown[] {
  const seen: unknown[] = [];
  const reader = new MessageReader(true, {
    onMessage: ({ kind, payload }) => seen.push([kind, payload.toString()]),
    onPing: (payload) => seen.push(['ping', payload.toString()]),
    onPong: (payload) => seen.push(['pong', payload.toString()]),
    onClose: (code, reason) => seen.push(['close', code, reason]),
    onFault: (fault) => seen.push(fault),
  });
  const frames = new FrameReader((frame) => reader.read(frame));
  for (const shape of shapes) frames.push(encodeFrame({ mask, ...shape }));
  return seen;
}

test('joins fragments and keeps the control frames between them in their place', () => {
  const seen = readAll([
    { opcode: text, payload: 'gr', fin: false },
    { opcode: ping, payload: 'p' },
    { opcode: continuation, payload: Buffer.from([0xc3]), fin: false },
    { opcode: pong, payload: 'q' },
    { opcode: continuation, payload: Buffer.from([0xbc]) },
    { opcode: binary, payload: 'raw' },
    { opcode: close, payload: encodeClose(1000, 'bye') },
    { opcode: text, payload: 'after the close frame' },
  ]);
  expect(seen).toEqual([
    ['ping', 'p'],
    ['pong', 'q'],
    ['text', 'grü'],
    ['binary', 'raw'],
    ['close', 1000, 'bye'],
  ]);
});

test('reads a close frame without a code as the absence of a status', () => {
  expect(readAll([{ opcode: close }])).toEqual([['close', NO_STATUS, '']]);
});

const breach = CLOSE_ROWS.ProtocolError.code;
const badText = CLOSE_ROWS.BadPayload.code;

test.each<[string, number, FrameShape[]]>([
  ['reserved bits are set', breach, [{ opcode: text, rsv: 4 }]],
  ['an unknown opcode', breach, [{ opcode: 3 }]],
  ['an unmasked frame', breach, [{ opcode: text, mask: false }]],
  ['a continuation of nothing', breach, [{ opcode: continuation }]],
  ['a new message inside another', breach, [{ opcode: text, fin: false }, { opcode: binary }]],
  ['a fragmented control frame', breach, [{ opcode: ping, fin: false }]],
  ['a control frame over 125 bytes', breach, [{ opcode: ping, payload: Buffer.alloc(126) }]],
  ['a close frame with half a code', breach, [{ opcode: close, payload: Buffer.alloc(1) }]],
  ['the close code 1006, which may not be sent', breach, [{ opcode: close, payload: encodeClose(1006) }]],
  [
    'a close reason that is not UTF-8',
    badText,
    [{ opcode: close, payload: encodeClose(1000, Buffer.from([0xff])) }],
  ],
  ['text that is not UTF-8', badText, [{ opcode: text, payload: Buffer.from([0xc3, 0x28]) }]],
])('finds %s, once', (problem, code, shapes) => {
  expect(readAll([...shapes, { opcode: text, payload: 'later' }])).toEqual([{ code, problem }]);
});

test('takes a character that is split between two fragments, and binary that is not UTF-8', () => {
  const halves = [Buffer.from([0xe2, 0x82]), Buffer.from([0xac])];
  const seen = readAll([
    { opcode: text, payload: halves[0] ?? '', fin: false },
    { opcode: continuation, payload: halves[1] ?? '' },
    { opcode: binary, payload: Buffer.from([0xff]), fin: false },
    { opcode: continuation, payload: Buffer.from([0xfe]) },
  ]);
  expect(seen.map((one) => (one as string[])[0])).toEqual(['text', 'binary']);
});
