import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ws from 'ws';
import { OPCODE_CLOSE, OPCODE_PING } from './frame-header.ts';
import { FrameScanner, type ScanSink } from './frame-scanner.ts';

/** What a sink was given. */
class Seen implements ScanSink {
  readonly data: Buffer[] = [];
  readonly controls: { opcode: number; payload: string; frame: Buffer }[] = [];
  readonly boundaries: number[] = [];
  wantsBoundary = false;

  onData(bytes: Buffer): void {
    this.data.push(bytes);
  }

  onControl(opcode: number, payload: Buffer, whole: Buffer): void {
    this.controls.push({ opcode, payload: payload.toString('latin1'), frame: Buffer.from(whole) });
  }

  onBoundary(): void {
    this.boundaries.push(this.passed);
  }

  get passed(): number {
    return Buffer.concat(this.data).length;
  }
}

interface Scan {
  seen: Seen;
  scanner: FrameScanner;
  fault: string | undefined;
}

function scanAll(
  chunks: readonly Buffer[],
  rules: { isMasked?: boolean; maxMessageBytes?: number } = {},
): Scan {
  const scanner = new FrameScanner({ isMasked: false, maxMessageBytes: 1_000_000, ...rules });
  const seen = new Seen();
  let fault: string | undefined;
  for (const chunk of chunks) fault = scanner.scan(chunk, seen);
  return { seen, scanner, fault };
}

const MASK = Buffer.from([1, 2, 3, 4]);

/** One frame written by hand, independent of the code under test. */
function frame(first: number, payload: Buffer | string, mask?: Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const maskBit = mask ? 0x80 : 0;
  const length = bytes.length;
  const head = [first, maskBit | (length < 126 ? length : length < 65_536 ? 126 : 127)];
  if (length >= 65_536) head.push(0, 0, 0, 0, length >>> 24, (length >> 16) & 255);
  if (length >= 126) head.push((length >> 8) & 255, length & 255);
  if (!mask) return Buffer.concat([Buffer.from(head), bytes]);
  const masked = Buffer.from(bytes.map((byte, at) => byte ^ (mask[at & 3] as number)));
  return Buffer.concat([Buffer.from(head), mask, masked]);
}

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** ws as the judge: the messages it makes of the bytes, and whether it refuses them. */
async function judge(bytes: Buffer, isServer: boolean): Promise<{ messages: number; isRefused: boolean }> {
  const { Receiver } = ws as unknown as { Receiver: new (options: object) => NodeJS.WritableStream };
  const receiver = new Receiver({ isServer, maxPayload: 1_000_000, skipUTF8Validation: true });
  let messages = 0;
  receiver.on('message', () => (messages += 1));
  receiver.on('error', () => undefined);
  const isRefused = await new Promise<boolean>((resolve) => {
    receiver.write(bytes, (error) => resolve(error !== null && error !== undefined));
  });
  return { messages, isRefused };
}

function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const cuts = [...new Set([0, ...at.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted(
    (a, b) => a - b,
  );
  return cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
}

const anyFrame = fc.record({
  first: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a) },
    { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
  ),
  payload: fc.uint8Array({ maxLength: 300 }),
});

const corpus = (mask?: Buffer): Buffer =>
  Buffer.concat([
    frame(0x81, 'hello', mask),
    frame(0x82, '', mask),
    frame(0x01, 'frag', mask),
    frame(0x89, 'ping', mask),
    frame(0x80, 'ment', mask),
    frame(0x82, Buffer.alloc(126, 7), mask),
    frame(0x82, Buffer.alloc(65_536, 9), mask),
    frame(0x8a, '', mask),
  ]);

describe('FrameScanner', () => {
  it.each([true, false])('agrees with ws on any stream in any chunks (masked: %s)', async (isMasked) => {
    const mask = isMasked ? MASK : undefined;
    const frames = fc.array(anyFrame, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(frames, fc.array(fc.nat(), { maxLength: 20 }), async (list, cuts) => {
        const bytes = Buffer.concat(list.map((one) => frame(one.first, Buffer.from(one.payload), mask)));
        const { fault, scanner } = scanAll(split(bytes, cuts), { isMasked });
        const verdict = await judge(bytes, isMasked);
        expect({ isRefused: fault !== undefined, messages: scanner.messages }).toEqual(verdict);
      }),
      { numRuns: 400 },
    );
  });

  it.each([MASK, undefined])(
    'passes every byte in order, whatever two places the stream is cut at',
    (mask) => {
      const bytes = corpus(mask);
      const whole = scanAll([bytes], { isMasked: mask !== undefined });
      // Every cut near a header, and one in the middle of each long payload.
      const places = [
        ...Array(200).keys(),
        300,
        30_000,
        ...Array.from({ length: 20 }, (_, at) => bytes.length - at),
      ];
      for (const place of places) {
        const { seen, fault, scanner } = scanAll(split(bytes, [place, place + 1]), {
          isMasked: mask !== undefined,
        });
        expect(fault).toBeUndefined();
        expect(Buffer.concat(seen.data).equals(Buffer.concat(whole.seen.data))).toBe(true);
        expect(seen.controls).toEqual(whole.seen.controls);
        expect([scanner.messages, scanner.payloadBytes]).toEqual([5, 5 + 8 + 126 + 65_536]);
      }
    },
  );

  it('passes a chunk of whole data frames as the very buffer that came', () => {
    const chunk = Buffer.concat([frame(0x81, 'one'), frame(0x82, 'two')]);
    expect(scanAll([chunk]).seen.data[0]).toBe(chunk);
  });

  it('reads 64 KiB in chunks of one byte', () => {
    const bytes = frame(0x82, Buffer.alloc(65_536, 1), MASK);
    const chunks = Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
    const { seen, fault, scanner } = scanAll(chunks, { isMasked: true });
    expect([fault, seen.passed, scanner.messages]).toEqual([undefined, bytes.length, 1]);
  });

  it('tells a control frame whole and unmasked, and not as data', () => {
    const { seen } = scanAll([frame(0x89, 'are you there', MASK)], { isMasked: true });
    expect(seen.controls).toMatchObject([{ opcode: OPCODE_PING, payload: 'are you there' }]);
    expect(seen.data).toEqual([]);
  });

  it('drops what follows a close frame', () => {
    const { seen, fault } = scanAll([
      Buffer.concat([frame(0x88, ''), frame(0x81, 'late')]),
      frame(0x81, 'later'),
    ]);
    expect([fault, seen.passed, seen.controls[0]?.opcode]).toEqual([undefined, 0, OPCODE_CLOSE]);
  });

  it('offers each boundary when asked, and none inside a frame', () => {
    const scanner = new FrameScanner({ isMasked: false, maxMessageBytes: 100 });
    const seen = new Seen();
    seen.wantsBoundary = true;
    const bytes = Buffer.concat([frame(0x01, 'abc'), frame(0x80, ''), frame(0x82, 'xyz')]);
    for (const chunk of split(bytes, [4, 6])) scanner.scan(chunk, seen);
    expect(seen.boundaries).toEqual([5, 7, 12]);
  });

  it('knows between which frames a message is still open', () => {
    const scanner = new FrameScanner({ isMasked: false, maxMessageBytes: 100 });
    const seen = new Seen();
    const stateAfter = (bytes: Buffer): boolean[] => {
      scanner.scan(bytes, seen);
      return [scanner.isAtBoundary, scanner.isBetweenMessages];
    };
    expect(stateAfter(frame(0x01, 'abc').subarray(0, 3))).toEqual([false, false]);
    expect(stateAfter(frame(0x01, 'abc').subarray(3))).toEqual([true, false]);
    expect(stateAfter(frame(0x80, 'end'))).toEqual([true, true]);
  });

  it.each([
    ['a reserved bit', 'c1 00', 'ProtocolError'],
    ['an unknown data opcode', '83 00', 'ProtocolError'],
    ['an unknown control opcode', '8b 00', 'ProtocolError'],
    ['a mask where none may be', '81 80 00000000', 'ProtocolError'],
    ['a fragmented control frame', '09 00', 'ProtocolError'],
    ['a control frame of 126 bytes', '89 7e 007e', 'ProtocolError'],
    ['a continuation of nothing', '80 00', 'ProtocolError'],
    ['a message within a message', '01 00 81 00', 'ProtocolError'],
    ['a length that is not minimal (16 bits)', '82 7e 007d', 'ProtocolError'],
    ['a length that is not minimal (64 bits)', '82 7f 000000000000ffff', 'ProtocolError'],
    ['a length of 2^63 bytes', '82 7f 8000000000000000', 'ProtocolError'],
    ['a length of 2^62 bytes', '82 7f 4000000000000000', 'TooLarge'],
    ['a close frame of one byte', '88 01 03', 'ProtocolError'],
    ['a close code that may not be sent', '88 02 03ed', 'ProtocolError'],
    ['a close reason that is not UTF-8', '88 03 03e8 ff', 'BadPayload'],
  ])('refuses %s', (_, hex, expected) => {
    const good = frame(0x82, 'good');
    const { seen, fault } = scanAll([Buffer.concat([good, bytesOf(hex), good])]);
    expect(fault).toBe(expected);
    expect(Buffer.concat(seen.data).subarray(0, good.length)).toEqual(good);
    expect(seen.passed).toBeLessThanOrEqual(good.length + 2);
  });

  it('caps the sum of a message’s fragments before it passes the header that exceeds it', () => {
    const fits = Buffer.concat([
      frame(0x02, Buffer.alloc(60)),
      frame(0x89, ''),
      frame(0x00, Buffer.alloc(40)),
    ]);
    const { seen, fault } = scanAll([fits, frame(0x80, 'x')], { maxMessageBytes: 100 });
    expect([fault, seen.passed]).toEqual(['TooLarge', 104]);
    expect(scanAll([fits, frame(0x80, '')], { maxMessageBytes: 100 }).fault).toBeUndefined();
  });
});
