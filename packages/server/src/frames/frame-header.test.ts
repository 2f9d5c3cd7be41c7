import { mayBeSent } from '../contract/index.ts';
import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, frame, KEY } from '../../test/support/frame-bytes.ts';
import {
  applyMask,
  closeFault,
  controlPayload,
  headerFault,
  headerSize,
  payloadLength,
} from './frame-header.ts';

describe('headerSize and payloadLength', () => {
  it.each([
    ['82 00', 2, 0],
    ['82 7d', 2, 125],
    ['82 fd 01020304', 6, 125],
    ['82 7e 007e', 4, 126],
    ['82 7e ffff', 4, 65_535],
    ['82 fe ffff 01020304', 8, 65_535],
    ['82 7f 0000000000010000', 10, 65_536],
    ['82 7f 00000001 00000002', 10, 4_294_967_298],
    ['82 ff 0000000000010000 01020304', 14, 65_536],
    ['82 7f 001fffffffffffff', 10, Number.MAX_SAFE_INTEGER],
    ['82 7f 0020000000000000', 10, Infinity],
    ['82 7f 7fffffffffffffff', 10, Infinity],
  ])('read %s: %i bytes that announce %d', (hex, size, length) => {
    const bytes = Buffer.concat([bytesOf('ffff'), bytesOf(hex)]);
    expect([headerSize(bytes, 2, bytes.length), payloadLength(bytes, 2)]).toEqual([size, length]);
  });

  it.each([0, 1])('cannot tell a header’s size by %i bytes', (count) => {
    expect(headerSize(bytesOf('82 7f 00'), 0, count)).toBe(0);
    expect(headerSize(bytesOf('82 7f 00'), 3 - count, 3)).toBe(0);
  });
});

describe('headerFault', () => {
  const firsts = Array.from({ length: 256 }, (_, first) => first);

  it.each([true, false])(
    'allows six opcodes, no reserved bit and whole control frames (masked: %s)',
    (isMasked) => {
      const key = isMasked ? KEY : undefined;
      const legal = firsts.filter((first) => headerFault(frame(first, 'x', key), 0, isMasked) === undefined);
      expect(legal).toEqual([0x00, 0x01, 0x02, 0x80, 0x81, 0x82, 0x88, 0x89, 0x8a]);
    },
  );

  it('allows no frame that is masked otherwise than its direction', () => {
    expect(firsts.filter((first) => !headerFault(frame(first, 'x', KEY), 0, false))).toEqual([]);
    expect(firsts.filter((first) => !headerFault(frame(first, 'x'), 0, true))).toEqual([]);
  });

  it.each([
    ['82 7e 007d', 'ProtocolError'],
    ['82 7e 007e', undefined],
    ['82 7f 000000000000ffff', 'ProtocolError'],
    ['82 7f 0000000000010000', undefined],
    ['82 7f 0000000100000000', undefined],
    ['82 7f 7fffffffffffffff', undefined],
    ['82 7f 8000000000000000', 'ProtocolError'],
    ['82 7f ffffffffffffffff', 'ProtocolError'],
    ['89 7d', undefined],
    ['89 7e 007e', 'ProtocolError'],
    ['89 7f 0000000000010000', 'ProtocolError'],
  ])('finds the length of %s %s', (hex, expected) => {
    expect(headerFault(bytesOf(hex), 0, false)).toBe(expected);
    expect(headerFault(Buffer.concat([bytesOf('ffffff'), bytesOf(hex)]), 3, false)).toBe(expected);
  });
});

describe('applyMask', () => {
  it('puts a mask on as the standard says, from any position, and takes it off again', () => {
    const anyKey = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((key) => Buffer.from(key));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), anyKey, fc.nat(), (payload, key, position) => {
        const bytes = Buffer.from(payload);
        applyMask(bytes, key, position);
        expect([...bytes]).toEqual(
          [...payload].map((byte, at) => byte ^ (key[(position + at) % 4] as number)),
        );
        applyMask(bytes, key, position);
        expect([...bytes]).toEqual([...payload]);
      }),
    );
  });

  it('goes on in the right place behind four gigabytes', () => {
    const bytes = Buffer.alloc(3);
    applyMask(bytes, KEY, 2 ** 32 + 3);
    expect(bytes).toEqual(Buffer.from([KEY[3], KEY[0], KEY[1]] as number[]));
  });
});

describe('controlPayload', () => {
  it('unmasks a copy and leaves the frame as it came', () => {
    const bytes = frame(0x89, 'are you there', KEY);
    expect(controlPayload(bytes, true).toString()).toBe('are you there');
    expect(bytes).toEqual(frame(0x89, 'are you there', KEY));
  });

  it('reads what is not masked', () => {
    expect(controlPayload(frame(0x89, 'abcdef'), false).toString()).toBe('abcdef');
  });
});

describe('closeFault', () => {
  /** The codes a peer may send (RFC 6455 7.4 and the registry it founded). */
  const mayStand = (code: number): boolean => mayBeSent(code);

  it('allows the codes that may be sent and no others', () => {
    const payloadOf = (code: number): Buffer => Buffer.from([code >> 8, code & 255]);
    for (let code = 0; code <= 65_535; code += 1) {
      const isLegal = closeFault(payloadOf(code)) === undefined;
      if (isLegal !== mayStand(code)) expect([code, isLegal]).toEqual([code, !isLegal]);
    }
    expect(closeFault(payloadOf(1005))).toBe('ProtocolError');
  });

  it.each([
    ['', undefined],
    ['03', 'ProtocolError'],
    ['03e8', undefined],
    ['03e8 c3a9', undefined],
    ['03e8 c3', 'BadPayload'],
    ['03e8 ff', 'BadPayload'],
    ['03ed ff', 'ProtocolError'],
  ])('finds the payload %j %s', (hex, expected) => {
    expect(closeFault(bytesOf(hex))).toBe(expected);
  });
});
