import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, frame, judge, KEY, type Verdict } from '../../test/support/frame-bytes.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE, fitCloseReason } from '../contract/index.ts';
import { binaryFrame, closeFrame, pingFrame, pongFrame, textFrame } from './frame-writer.ts';

const DIRECTIONS = [
  ['masked', KEY],
  ['unmasked', undefined],
] as const;

/** Every length of header, and the lengths at which it changes. */
const LENGTHS = [0, 1, 124, 125, 126, 127, 128, 255, 256, 1_000, 65_534, 65_535, 65_536, 65_537, 200_000];

const NOTHING_READ: Verdict = { isRefused: false, messages: [], controls: [], close: undefined };

const read = (bytes: Buffer, key?: Buffer): Promise<Verdict> => judge(bytes, { isMasked: key !== undefined });

describe.each(DIRECTIONS)('%s data frames', (_, key) => {
  it.each(LENGTHS)('of %i bytes are read by another implementation as they were meant', async (length) => {
    const payload = 'x'.repeat(length);
    const text = await read(textFrame(payload, key), key);
    expect(text).toEqual({ ...NOTHING_READ, messages: [{ payload, isBinary: false }] });
    const binary = await read(binaryFrame(Buffer.from(payload), key), key);
    expect(binary).toEqual({ ...NOTHING_READ, messages: [{ payload, isBinary: true }] });
  });

  it.each(LENGTHS)('of %i bytes are what another encoder writes', (length) => {
    const payload = Buffer.alloc(length, 'voice');
    expect(textFrame(payload, key).equals(frame(0x81, payload, key))).toBe(true);
    expect(binaryFrame(payload, key).equals(frame(0x82, payload, key))).toBe(true);
  });

  it('carry any text, given as a string or as bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 400 }), async (text) => {
        const payload = Buffer.from(text).toString('latin1');
        const expected = { ...NOTHING_READ, messages: [{ payload, isBinary: false }] };
        expect(await read(textFrame(text, key), key)).toEqual(expected);
        expect(await read(textFrame(Buffer.from(text), key), key)).toEqual(expected);
      }),
    );
  });

  it('leave the payload and the key that they are made of as they are', () => {
    const [payload, copy] = [Buffer.from('payload'), key && Buffer.from(key)];
    binaryFrame(payload, copy);
    pingFrame(payload, copy);
    expect([payload.toString(), copy]).toEqual(['payload', key]);
  });
});

describe.each(DIRECTIONS)('%s control frames', (_, key) => {
  it.each([0, 1, 4, 125])('carry %i bytes', async (length) => {
    const payload = Buffer.alloc(length, 'voice');
    expect(pingFrame(payload, key)).toEqual(frame(0x89, payload, key));
    expect(pongFrame(payload, key)).toEqual(frame(0x8a, payload, key));
    const both = Buffer.concat([pingFrame(payload, key), pongFrame(payload, key)]);
    expect((await read(both, key)).controls).toEqual([
      { kind: 'ping', payload: payload.toString() },
      { kind: 'pong', payload: payload.toString() },
    ]);
  });

  it.each(Object.values(CLOSE_ROWS))('close with $word as another implementation reads it', async (row) => {
    const { code, word } = row;
    const verdict = await read(closeFrame(code, word, key), key);
    expect(verdict).toEqual({ ...NOTHING_READ, close: { code, reason: word } });
  });

  it('close with any reason that fits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
        const reason = fitCloseReason(text);
        const { close } = await read(closeFrame(4000, reason, key), key);
        expect(close).toEqual({ code: 4000, reason });
      }),
    );
  });

  it('close without a reason, and without a code', () => {
    expect(closeFrame(NORMAL_CLOSURE, undefined, key)).toEqual(frame(0x88, bytesOf('03e8'), key));
    expect(closeFrame(undefined, undefined, key)).toEqual(frame(0x88, '', key));
    expect(closeFrame(undefined, 'a reason cannot stand alone', key)).toEqual(frame(0x88, '', key));
  });
});

describe('closeFrame', () => {
  it('is a control frame of at most 125 bytes with the longest reason', async () => {
    const bytes = closeFrame(4999, `${'é'.repeat(61)}x`);
    expect([bytes.length, bytes[0], bytes[1]]).toEqual([127, 0x88, 125]);
    expect((await read(bytes)).isRefused).toBe(false);
    expect((await read(closeFrame(4999, 'x'.repeat(124)))).isRefused).toBe(true);
  });
});
