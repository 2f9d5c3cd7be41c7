import type { Writable } from 'node:stream';
import * as fc from 'fast-check';
import * as ws from 'ws';
import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS, fitCloseReason } from '../contract/index.ts';
import { closeFrame, textFrame } from './frame-writer.ts';

// Its declarations leave the frame parser out.
const { Receiver } = ws as unknown as { Receiver: new (options: { isServer: boolean }) => Writable };

/** What a client that is built on the `ws` package reads. */
function read(bytes: Buffer): Promise<object> {
  const receiver = new Receiver({ isServer: false });
  return new Promise((resolve, reject) => {
    receiver.on('message', (payload: Buffer, isBinary: boolean) =>
      resolve({ text: payload.toString(), isBinary }),
    );
    receiver.on('conclude', (code: number, reason: Buffer) => resolve({ code, reason: reason.toString() }));
    receiver.on('error', reject);
    receiver.write(bytes);
  });
}

describe('textFrame', () => {
  it.each([0, 1, 124, 125, 126, 127, 128, 255, 256, 1_000, 65_534, 65_535])(
    'writes a text of %i bytes as another implementation reads it',
    async (length) => {
      const text = 'x'.repeat(length);
      expect(await read(textFrame(text))).toEqual({ text, isBinary: false });
    },
  );

  it('writes any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 400 }), async (text) => {
        expect(await read(textFrame(text))).toEqual({ text, isBinary: false });
      }),
    );
  });

  it('does not mask, being a server, and sends one final frame', () => {
    expect([...textFrame('ab')]).toEqual([0x81, 2, 0x61, 0x62]);
  });

  it('refuses a text for which it has no header, rather than writing a wrong one', () => {
    expect(() => textFrame('x'.repeat(65_536))).toThrow(RangeError);
  });
});

describe('closeFrame', () => {
  it.each(Object.values(CLOSE_ROWS))(
    'writes $word as another implementation reads it',
    async ({ code, word }) => {
      expect(await read(closeFrame(code, word))).toEqual({ code, reason: word });
    },
  );

  it('writes any reason that fits', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 200 }), async (text) => {
        const reason = fitCloseReason(text);
        expect(await read(closeFrame(4000, reason))).toEqual({ code: 4000, reason });
      }),
    );
  });

  it('is a control frame of at most 125 bytes with the longest reason', async () => {
    const frame = closeFrame(4999, 'é'.repeat(61) + 'x');
    expect([frame.length, frame[0], frame[1]]).toEqual([127, 0x88, 125]);
    await expect(read(closeFrame(4999, 'x'.repeat(124)))).rejects.toThrow();
  });
});
