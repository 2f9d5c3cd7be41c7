import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { split } from '../../test/support/frame-bytes.ts';
import { liveHeapBytes } from '../../test/support/live-memory.ts';
import { MessageHold } from './message-hold.ts';

/** A hold, what it has passed on, and the bytes as letters: capitals end a message. */
class Holding {
  readonly hold: MessageHold;
  readonly passed: string[] = [];
  #stream = '';

  constructor(maxBytes: number) {
    this.hold = new MessageHold(maxBytes);
  }

  readonly pass = (bytes: Buffer): boolean => this.passed.push(bytes.toString()) > 0;

  /** Takes more; returns all that was passed until now. */
  take(more: string): string {
    this.#stream += more;
    const open = /[a-z]*$/.exec(this.#stream)?.[0].length ?? 0;
    this.hold.take(Buffer.from(more), open, this.pass);
    return this.passed.join('');
  }
}

describe('MessageHold', () => {
  it('passes a message when all of it is there, and whole messages at once', () => {
    const holding = new Holding(100);
    expect(holding.take('ab')).toBe('');
    expect(holding.take('c')).toBe('');
    expect(holding.take('D')).toBe('abcD');
    expect(holding.take('eFgH')).toBe('abcDeFgH');
    expect(holding.passed).toEqual(['abc', 'D', 'eFgH']);
  });

  it('passes what is complete of a chunk and holds the rest of it', () => {
    const holding = new Holding(100);
    expect(holding.take('aBcDe')).toBe('aBcD');
    expect(holding.take('fGh')).toBe('aBcDefG');
    expect(holding.take('I')).toBe('aBcDefGhI');
  });

  it('passes a chunk of whole messages as the very buffer that came', () => {
    const passed: Buffer[] = [];
    const bytes = Buffer.from('aB');
    new MessageHold(10).take(bytes, 0, (one) => passed.push(one) > 0);
    expect(passed[0]).toBe(bytes);
  });

  it('costs no more than its bytes when they come one by one', () => {
    const hold = new MessageHold(1_000_000);
    const before = liveHeapBytes();
    for (let at = 1; at <= 200_000; at += 1) hold.take(Buffer.alloc(1), at, () => true);
    expect(liveHeapBytes() - before).toBeLessThan(2_000_000);
    const passed: number[] = [];
    hold.release(({ length }) => passed.push(length) > 0);
    expect(passed.reduce((sum, length) => sum + length)).toBe(200_000);
  });

  it('says when bytes are not needed any more: those it copies, and those that are done with where they went', () => {
    const take = (bytes: Buffer, openBytes: number, isDone: boolean): boolean =>
      new MessageHold(10_000).take(bytes, openBytes, () => isDone);
    const [short, long] = [Buffer.alloc(10), Buffer.alloc(8_000)];
    expect([take(short, 0, true), take(short, 0, false)]).toEqual([true, false]);
    expect([take(short, 4, true), take(short, 4, false), take(short, 10, false)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([take(long, 7_000, true), take(long, 8_000, true)]).toEqual([false, false]);
  });

  it('holds as much as the limit, and lets a longer message go on as it comes', () => {
    const holding = new Holding(3);
    expect([holding.take('abc'), holding.hold.isStreaming]).toEqual(['', false]);
    expect([holding.take('d'), holding.hold.isStreaming]).toEqual(['abcd', true]);
    expect([holding.take('e'), holding.hold.isStreaming]).toEqual(['abcde', true]);
    expect([holding.take('F'), holding.hold.isStreaming]).toEqual(['abcdeF', false]);
    expect([holding.take('ghi'), holding.hold.isStreaming]).toEqual(['abcdeF', false]);
    expect(holding.take('J')).toBe('abcdeFghiJ');
  });

  it('counts only the message that is under way', () => {
    const holding = new Holding(3);
    expect(holding.take('ab')).toBe('');
    expect(holding.take('Cde')).toBe('abC');
    expect(holding.take('f')).toBe('abC');
    expect([holding.take('g'), holding.hold.isStreaming]).toEqual(['abCdefg', true]);
    expect([holding.take('Hij'), holding.hold.isStreaming]).toEqual(['abCdefgH', false]);
  });

  it('takes nothing without changing anything', () => {
    const holding = new Holding(2);
    expect(holding.take('')).toBe('');
    expect([holding.take('abc'), holding.hold.isStreaming]).toEqual(['abc', true]);
    holding.hold.take(Buffer.alloc(0), 3, holding.pass);
    expect([holding.passed, holding.hold.isStreaming]).toEqual([['abc'], true]);
  });

  it('forgets what it holds when it is dropped, and counts anew', () => {
    const holding = new Holding(3);
    holding.take('abc');
    holding.hold.drop();
    holding.hold.release(holding.pass);
    expect(holding.passed).toEqual([]);
    holding.hold.take(Buffer.from('xyz'), 3, holding.pass);
    expect([holding.passed, holding.hold.isStreaming]).toEqual([[], false]);
  });

  it('passes on what it holds when asked, once', () => {
    const holding = new Holding(100);
    holding.take('aBcd');
    holding.hold.release(holding.pass);
    holding.hold.release(holding.pass);
    expect(holding.passed).toEqual(['aB', 'cd']);
  });

  it('loses and reorders nothing, and never begins a message that fits and is not whole', () => {
    const anyStream = fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 12 });
    const anyCuts = fc.array(fc.nat(), { maxLength: 20 });
    fc.assert(
      fc.property(anyStream, anyCuts, fc.integer({ min: 0, max: 10 }), (lengths, cuts, maxBytes) => {
        const holding = new Holding(maxBytes);
        const stream = lengths.map((length) => `${'m'.repeat(length)}M`).join('');
        let taken = '';
        for (const chunk of split(Buffer.from(stream), cuts)) {
          taken += chunk.toString();
          const open = taken.slice(taken.lastIndexOf('M') + 1);
          const isLong = open.length > maxBytes;
          const expected = isLong ? taken : taken.slice(0, taken.length - open.length);
          expect([holding.take(chunk.toString()), holding.hold.isStreaming]).toEqual([expected, isLong]);
        }
      }),
      { numRuns: 500 },
    );
  });
});
