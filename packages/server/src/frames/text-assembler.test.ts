import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY, split } from '../../test/support/frame-bytes.ts';
import { TextAssembler } from './text-assembler.ts';

/** Adds a whole chunk. */
function add(assembler: TextAssembler, bytes: Buffer, key?: Buffer, position = 0): void {
  assembler.add(bytes, { from: 0, to: bytes.length, key, position });
}

const masked = (bytes: Buffer, key: Buffer): Buffer =>
  Buffer.from(bytes.map((byte, at) => byte ^ (key[at % 4] as number)));

describe('TextAssembler', () => {
  it('puts any text together from any parts of a masked frame', () => {
    const anyText = fc.string({ unit: 'grapheme', maxLength: 3_000 });
    const anyKey = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((key) => Buffer.from(key));
    fc.assert(
      fc.property(anyText, fc.array(fc.nat(), { maxLength: 8 }), anyKey, (text, cuts, key) => {
        const assembler = new TextAssembler();
        let position = 0;
        for (const part of split(masked(Buffer.from(text), key), cuts)) {
          add(assembler, part, key, position);
          position += part.length;
        }
        expect(assembler.take()?.toString()).toBe(text);
      }),
    );
  });

  it('takes only the bytes that it is shown of a chunk, and leaves the chunk as it is', () => {
    const assembler = new TextAssembler();
    const chunk = Buffer.concat([Buffer.from('<<'), masked(Buffer.from('abcdef'), KEY), Buffer.from('>>')]);
    const before = Buffer.from(chunk);
    assembler.add(chunk, { from: 2, to: 5, key: KEY, position: 0 });
    assembler.add(chunk, { from: 5, to: 8, key: KEY, position: 3 });
    expect([assembler.take()?.toString(), chunk]).toEqual(['abcdef', before]);
  });

  it('joins frames of different keys, and frames without one', () => {
    const assembler = new TextAssembler();
    const other = Buffer.from([9, 8, 7, 6]);
    add(assembler, masked(Buffer.from('abc'), KEY), KEY);
    add(assembler, Buffer.from('def'));
    add(assembler, masked(Buffer.from('ghi'), other), other);
    expect(assembler.take()?.toString()).toBe('abcdefghi');
  });

  it.each([1_023, 1_024, 1_025, 2_048, 2_049, 100_000])('grows to hold %i bytes', (length) => {
    const assembler = new TextAssembler();
    const text = 'abcdefg'.repeat(length).slice(0, length);
    for (const part of split(Buffer.from(text), [1, 1_000, 1_024, 2_047, 2_048, length - 1]))
      add(assembler, part);
    expect(assembler.take()?.toString()).toBe(text);
  });

  it('begins anew after each message, and leaves the one that it handed out alone', () => {
    const assembler = new TextAssembler();
    add(assembler, Buffer.from('first, and longer'));
    const first = assembler.take();
    add(assembler, Buffer.from('second'));
    expect([assembler.take()?.toString(), first?.toString()]).toEqual(['second', 'first, and longer']);
    expect(assembler.take()).toEqual(Buffer.alloc(0));
  });

  it.each(['ff', 'c3', 'c080', 'eda080', 'f4908080'])('does not hand out what is not UTF-8 (%s)', (hex) => {
    const assembler = new TextAssembler();
    add(assembler, Buffer.from(hex, 'hex'));
    expect(assembler.take()).toBeUndefined();
    add(assembler, Buffer.from('legal'));
    expect(assembler.take()?.toString()).toBe('legal');
  });
});
