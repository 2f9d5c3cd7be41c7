/** Frames that the rig builds are frames that it reads, however they are cut on the way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameReader } from './frame-reader.mjs';
import { FrameTemplate, MASK_KEY, smallFrame } from './frame-template.mjs';

const sizes = [16, 124, 128, 160, 65_532, 65_536, 100_000];

interface Seen {
  readonly [field: string]: unknown;
}

/** A socket that keeps what is written; `pending` bytes are those the kernel did not take at once. */
function createSink(pending = 0) {
  const chunks: Buffer[] = [];
  return {
    chunks,
    writableLength: pending,
    write: (chunk: Buffer) => chunks.push(chunk) > 0,
    cork: () => undefined,
    uncork: () => undefined,
    get bytes() {
      return Buffer.concat(chunks);
    },
  };
}

function readAll(bytes: Buffer, cuts: readonly number[]): Seen[] {
  const seen: Seen[] = [];
  const reader = new FrameReader(({ opcode, size, isMasked, session, sequence, time, tail, text }) => {
    seen.push(
      opcode === 2 ? { size, isMasked, session, sequence, time, tail } : { opcode, text: String(text) },
    );
  });
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])];
  places.sort((a, b) => a - b);
  for (const [index, place] of places.entries()) reader.take(bytes, place, places[index + 1] ?? bytes.length);
  return seen;
}

describe.each([
  ['of a client', MASK_KEY],
  ['of a server', undefined],
])('frames %s', (_, key) => {
  test.each(sizes)('of %d bytes keep their stamp', (size) => {
    const sink = createSink();
    const template = new FrameTemplate(size, key);
    template.send(sink, 7, 4_000_000_000, 12_345);
    const stamp = { session: 7, sequence: 4_000_000_000, time: 12_345, tail: 4_000_000_000 };
    expect(readAll(sink.bytes, [])).toEqual([{ size, isMasked: key !== undefined, ...stamp }]);
  });

  test('are read the same however they are cut', () => {
    const sink = createSink(1);
    const template = new FrameTemplate(20, key);
    for (let sequence = 0; sequence < 5; sequence += 1) template.send(sink, 1, sequence, sequence);
    sink.write(smallFrame(0x81, '\u0001{"type":"ack"}', key));
    new FrameTemplate(400, key).send(sink, 2, 0, 9);
    const whole = readAll(sink.bytes, []);
    expect(whole).toHaveLength(7);
    fc.assert(
      fc.property(fc.array(fc.nat(1_000)), (cuts) => {
        expect(readAll(sink.bytes, cuts)).toEqual(whole);
      }),
    );
  });
});

describe('a template', () => {
  test('is not written over while the kernel has not taken it', () => {
    const sink = createSink(1);
    const template = new FrameTemplate(16);
    template.send(sink, 1, 0, 0);
    template.send(sink, 1, 1, 0);
    expect(sink.chunks[0]?.readUInt32BE(6)).toBe(0);
    expect(sink.chunks[1]?.readUInt32BE(6)).toBe(1);
  });

  test('has room for the stamp', () => {
    expect(() => new FrameTemplate(12)).toThrow(RangeError);
    expect(() => new FrameTemplate(18)).toThrow(RangeError);
  });
});
