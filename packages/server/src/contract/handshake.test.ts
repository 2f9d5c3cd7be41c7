import * as fc from 'fast-check';
import * as ws from 'ws';
import { describe, expect, it } from 'vitest';
import { SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX, isSubprotocol, readSubprotocols } from './handshake.ts';

// Its declarations leave the header parser out.
const { subprotocol } = ws as unknown as { subprotocol: { parse(header: string): Set<string> } };

/** What the `ws` package makes of the same header; undefined when it refuses. */
function judge(header: string): string[] | undefined {
  try {
    return [...subprotocol.parse(header)];
  } catch {
    return undefined;
  }
}

describe('readSubprotocols', () => {
  it.each([
    { header: undefined, offered: [] },
    { header: 'token', offered: ['token'] },
    { header: 'token, a.b-c_d', offered: ['token', 'a.b-c_d'] },
    { header: 'token \t,\t x', offered: ['token', 'x'] },
    { header: "!#$%&'*+-.^_`|~", offered: ["!#$%&'*+-.^_`|~"] },
    { header: 'Token,token', offered: ['Token', 'token'] },
  ])('reads $header', ({ header, offered }) => {
    expect(readSubprotocols(header)).toEqual(offered);
  });

  it.each([
    '',
    ',',
    'a,',
    ',a',
    'a,,b',
    'a b',
    'a, a',
    'a/b',
    'a=',
    '"a"',
    'a\u00e9',
    'a;b',
    '(a)',
    'a\u0000',
    'a@b',
    '\u00a0a',
  ])('refuses %j', (header) => {
    expect(readSubprotocols(header)).toBeUndefined();
  });

  it('agrees with the implementation that completes the handshake', () => {
    const piece = fc.constantFrom(
      'a',
      'B',
      '7',
      '-',
      '.',
      ',',
      ', ',
      ' ',
      '\t',
      '/',
      '=',
      '"',
      '\u00a0',
      '\u0085',
      '\u00e9',
      '\v',
    );
    const header = fc
      .array(piece, { minLength: 1, maxLength: 12 })
      // What surrounds a header's value is gone before anybody reads it (RFC 9112 5.1).
      .map((pieces) => pieces.join('').replace(/^[ \t]+|[ \t]+$/g, ''))
      .filter((text) => text !== '');
    fc.assert(
      fc.property(header, (text) => {
        expect(readSubprotocols(text)).toEqual(judge(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('reads a header of the longest allowed size at once', () => {
    const header = Array.from({ length: 4_000 }, (_, index) => `p${index}`).join(' , ');
    expect(readSubprotocols(header)).toHaveLength(4_000);
    expect(readSubprotocols(`${' '.repeat(30_000)}\u0000`)).toBeUndefined();
    expect(readSubprotocols(`a${' '.repeat(200_000)}b`)).toBeUndefined();
  });
});

describe('isSubprotocol', () => {
  it('takes a token behind our prefix, and no padded base64', () => {
    expect(isSubprotocol(`${TOKEN_SUBPROTOCOL_PREFIX}eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.AbC_-9`)).toBe(
      true,
    );
    expect(isSubprotocol(SUBPROTOCOL)).toBe(true);
    expect(isSubprotocol('YQ==')).toBe(false);
    expect(isSubprotocol('a+b/c')).toBe(false);
    expect(isSubprotocol('a\n')).toBe(false);
  });
});
