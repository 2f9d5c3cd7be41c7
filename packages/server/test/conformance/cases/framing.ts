/** Group 1 of the public list, framing: every form of the length field, both kinds, whole and in small writes. */
import { binary, breach, breaks, type ConformanceCase, OPEN, passesAll, text } from './case.ts';

/** RFC 6455 5.2: the last length of each form of the field, and its neighbours. */
const LENGTHS = [0, 125, 126, 127, 128, 65_535, 65_536];
const CHOP_BYTES = 997;

const kinds = [
  ['1.1', 'text', (bytes: number) => text(Buffer.alloc(bytes, '*'))],
  ['1.2', 'binary', (bytes: number) => binary(Buffer.alloc(bytes, 0xfe))],
] as const;

const byLength = kinds.flatMap(([group, kind, frameOf]) => [
  ...LENGTHS.map((bytes, at) =>
    passesAll([`${group}.${at + 1}`], `passes a ${kind} message of ${bytes} octets`, [frameOf(bytes)]),
  ),
  passesAll(
    [`${group}.8`],
    `passes a ${kind} message that comes in writes of ${CHOP_BYTES} octets`,
    [frameOf(65_536)],
    {
      chop: CHOP_BYTES,
    },
  ),
]);

/** Length fields that are not the shortest one for their payload (RFC 6455 5.2). `ws` takes them and writes its own. */
const longLength = (title: string, bytes: number, lengthField: readonly number[]): ConformanceCase =>
  breaks([], title, [[text('before')], binary(Buffer.alloc(bytes, 7), { lengthField })], {
    messages: { passes: [text('before'), binary(Buffer.alloc(bytes, 7))], ending: OPEN },
  });

const ownCases: ConformanceCase[] = [
  breaks([], 'refuses a frame that is masked as only the other role may', [
    [text('before')],
    text('after', { isMaskedWrongly: true }),
    text('never'),
  ]),
  breaks([], 'refuses a ping that is masked as only the other role may', [
    [text('before')],
    { opcode: 0x9, payload: 'after', isMaskedWrongly: true },
  ]),
  longLength('refuses a length of 125 octets in 16 bits', 125, [126, 0, 125]),
  longLength('refuses a length of 65535 octets in 64 bits', 65_535, [127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]),
  breaks(
    [],
    'refuses a length with its topmost bit set',
    [[text('before')], binary('', { lengthField: [127, 0x80, 0, 0, 0, 0, 0, 0, 0] })],
    { messages: { ending: breach('TooLarge') } },
  ),
];

export const framing: readonly ConformanceCase[] = [...byLength, ...ownCases];
