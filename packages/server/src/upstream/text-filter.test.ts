import { describe, expect, it } from 'vitest';
import { Secret } from './secret.ts';
import { TextFilter } from './text-filter.ts';

const HIDDEN = 'hidden-key-0123456789';

/** What comes of a text in pieces of so many characters. */
function filtered(text: string, size: number, filter = new TextFilter([HIDDEN], '*')): string {
  const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
  return pieces.map((piece) => filter.push(piece)).join('') + filter.end();
}

describe('a text filter', () => {
  it.each([1, 2, 3, 5, 8, 100])('replaces what is hidden in pieces of %i characters', (size) => {
    expect(filtered(`a ${HIDDEN} b hidden-ke c${HIDDEN}${HIDDEN}`, size)).toBe('a * b hidden-ke c**');
  });

  it('passes on at once what cannot be the beginning of it', () => {
    const filter = new TextFilter([HIDDEN], '*');
    expect(filter.push('good day')).toBe('good day');
    expect(filter.push('and hid')).toBe('and ');
    expect(filter.push('ing')).toBe('hiding');
    expect(filter.end()).toBe('');
  });
});

describe("a secret's filter", () => {
  const bytes = Buffer.from(HIDDEN);
  it.each([
    ['plain', HIDDEN],
    ['hexadecimal', bytes.toString('hex')],
    ['base64', bytes.toString('base64')],
    ['base64 behind something', Buffer.from(`key=${HIDDEN};`).toString('base64')],
  ])('hides it in %s form', (_form, text) => {
    const told = filtered(`<${text}>`, 3, new Secret(HIDDEN).createFilter());
    expect(told).toContain('[redacted]');
    expect(new Secret(HIDDEN).isToldBy(told)).toBe(false);
  });
});
