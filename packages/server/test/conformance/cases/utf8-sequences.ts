/**
 * Octets of group 6 of the public list, from 6.5 on, in hexadecimal. They are those of the well-known "UTF-8 decoder
 * capability and stress test", section by section. What is legal is written down here and computed by nobody (RFC 3629).
 */

export interface SequenceGroup {
  /** The second part of the case's number. */
  readonly group: number;
  readonly what: string;
  readonly octets: readonly string[];
  /** For all, or the ordinals of those that are legal. */
  readonly legal: boolean | readonly number[];
}

const KOSME = 'cebae1bdb9cf83cebcceb5';

/** Every octet of a range, each followed by `behind`. The public list leaves the last one of each range out. */
function rangeOf(from: number, to: number, behind = ''): string {
  return Array.from({ length: to - from }, (_, at) => (from + at).toString(16) + behind).join('');
}

/** Sequences of two to six octets that lack their last one, from the smallest and from the largest first octet. */
const CUT_SHORT = [
  ...['c0', 'e080', 'f08080', 'f8808080', 'fc80808080'],
  ...['df', 'efbf', 'f7bfbf', 'fbbfbfbf', 'fdbfbfbfbf'],
];

/** The last two code points of the planes 1 to 16, as the public list orders them. */
const PLANE_ENDS = [
  ...['f09f', 'f0af', 'f0bf', 'f18f', 'f19f', 'f1af', 'f1bf', 'f28f', 'f29f', 'f2af', 'f2bf'],
  ...['f38f', 'f39f', 'f3af', 'f3bf', 'f48f'],
].flatMap((plane) => [`${plane}bfbe`, `${plane}bfbf`]);

const group = (
  number: number,
  what: string,
  legal: SequenceGroup['legal'],
  octets: readonly string[],
): SequenceGroup => ({ group: number, what, octets, legal });

export const UTF8_SEQUENCES: readonly SequenceGroup[] = [
  group(5, 'plain UTF-8', true, [
    ...['68656c6c6f24776f726c64', '68656c6c6fc2a2776f726c64', '68656c6c6fe282ac776f726c64'],
    ...['68656c6c6ff0a4ada2776f726c64', KOSME],
  ]),
  group(
    6,
    'the beginning of a Greek word',
    [2, 5, 7, 9, 11],
    Array.from({ length: KOSME.length / 2 }, (_, at) => KOSME.slice(0, 2 * (at + 1))),
  ),
  group(7, 'the first code point of a length', true, ['00', 'c280', 'e0a080', 'f0908080']),
  group(8, 'the first sequence of five or six octets', false, ['f888808080', 'fc8480808080']),
  group(9, 'the last code point of a length', true, ['7f', 'dfbf', 'efbfbf', 'f48fbfbf']),
  group(10, 'the last sequence of four to six octets', false, ['f7bfbfbf', 'fbbfbfbfbf', 'fdbfbfbfbfbf']),
  group(
    11,
    'a code point beside a boundary',
    [1, 2, 3, 4],
    ['ed9fbf', 'ee8080', 'efbfbd', 'f48fbfbf', 'f4908080'],
  ),
  group(12, 'continuation octets of nothing', false, [
    ...['80', 'bf', '80bf', '80bf80', '80bf80bf', '80bf80bf80', '80bf80bf80bf'],
    rangeOf(0x80, 0xbf),
  ]),
  group(13, 'first octets without another', false, [
    rangeOf(0xc0, 0xdf, '20'),
    rangeOf(0xe0, 0xef, '20'),
    rangeOf(0xf0, 0xf7, '20'),
    rangeOf(0xf8, 0xfb, '20'),
    rangeOf(0xfc, 0xfd, '20'),
  ]),
  group(14, 'a sequence without its last octet', false, CUT_SHORT),
  group(15, 'all sequences without their last octet', false, [CUT_SHORT.join('')]),
  group(16, 'octets that stand in no UTF-8', false, ['fe', 'ff', 'fefeffff']),
  group(17, 'a slash written too long', false, ['c0af', 'e080af', 'f08080af', 'f8808080af', 'fc80808080af']),
  group(18, 'the last sequence that is too long', false, [
    'c1bf',
    'e09fbf',
    'f08fbfbf',
    'f887bfbfbf',
    'fc83bfbfbfbf',
  ]),
  group(19, 'a NUL written too long', false, ['c080', 'e08080', 'f0808080', 'f880808080', 'fc8080808080']),
  group(20, 'a single surrogate', false, [
    ...['eda080', 'edadbf', 'edae80', 'edafbf', 'edb080', 'edbe80', 'edbfbf'],
  ]),
  group(21, 'a pair of surrogates', false, [
    ...['eda080edb080', 'eda080edbfbf', 'edadbfedb080', 'edadbfedbfbf'],
    ...['edae80edb080', 'edae80edbfbf', 'edafbfedb080', 'edafbfedbfbf'],
  ]),
  group(22, 'a code point that is no character', true, ['efbfbe', 'efbfbf', ...PLANE_ENDS]),
  group(23, 'a special code point', true, [
    ...['efbfb9', 'efbfba', 'efbfbb', 'efbfbc', 'efbfbd', 'efbfbe', 'efbfbf'],
  ]),
];
