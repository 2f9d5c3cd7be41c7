/** Groups 9 and 10 of the public list: large messages, many fragments, small writes, many round trips; and our limits. */
import { OPCODES } from '../../../src/testing/wire-frames.ts';
import {
  binary,
  breach,
  breaks,
  type ConformanceCase,
  continuation,
  fragments,
  passesAll,
  type Sent,
  text,
} from './case.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
/** The longest message of the preset, and the most fragments of one message. */
const MOST_BYTES = 16 * MIB;
const MOST_FRAGMENTS = 16_384;

const SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, MOST_BYTES];
const FRAGMENT_SIZES = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const CHOPS = [64, 128, 256, 512, KIB, 2 * KIB];
const ROUND_TRIP_SIZES = [0, 16, 64, 256, KIB, 4 * KIB];
/** The public list makes 1000, to measure; to find a lost or late frame fewer do. */
const ROUND_TRIPS = 200;
const AUTO_FRAGMENT_BYTES = 1300;

/** Octets that repeat with a period that no buffer size is a multiple of, so that a lost or moved part shows. */
function patternOf(kind: 'text' | 'binary', bytes: number): Buffer {
  return Buffer.alloc(bytes, kind === 'text' ? 'BAsd7&jh23é' : Buffer.from([0x00, 0xfe, 0x23, 0xfa, 0xf0]));
}

const KINDS = [
  { kind: 'text', frameOf: text },
  { kind: 'binary', frameOf: binary },
] as const;

/** Whole fragments of one size and, as the public list has it, an empty last one behind them. */
function endedEmpty(kind: 'text' | 'binary', payload: Buffer, size: number): Sent[] {
  const sends = fragments(kind, payload, size);
  const isCut = sends.length > 1 && payload.length % size === 0;
  return isCut ? [...sends.slice(0, -1), { ...sends.at(-1), fin: false } as Sent, continuation()] : sends;
}

/** A message in fragments, and what legs that take messages make of it; refused where it has more than may be. */
function inFragments(ids: readonly string[], what: string, sends: readonly Sent[]): ConformanceCase {
  const kind = sends[0]?.opcode === OPCODES.text ? text : binary;
  if (sends.length <= MOST_FRAGMENTS) {
    const whole = kind(Buffer.concat(sends.map(({ payload = '' }) => Buffer.from(payload as Buffer))));
    return passesAll(ids, `passes ${what}`, sends, { messages: { passes: [whole] } });
  }
  const legal = sends.slice(0, MOST_FRAGMENTS);
  return {
    ids,
    title: `refuses ${what}, at the first fragment too many`,
    sends: sends.slice(0, MOST_FRAGMENTS + 1),
    bytes: { passes: legal, ending: breach('PolicyViolation') },
    messages: { passes: [] },
  };
}

/** Replaces a character that the length has cut in two. */
function wholeCharacters(payload: Buffer): Buffer {
  if (payload.at(-1) === 0xc3) payload[payload.length - 1] = 0x2a;
  return payload;
}

const large = KINDS.flatMap(({ kind, frameOf }, group) =>
  SIZES.map((bytes, at) =>
    passesAll([`9.${group + 1}.${at + 1}`], `passes a ${kind} message of ${bytes} octets`, [
      frameOf(wholeCharacters(patternOf(kind, bytes))),
    ]),
  ),
);

const fragmented = KINDS.flatMap(({ kind }, group) =>
  FRAGMENT_SIZES.map((size, at) =>
    inFragments(
      [`9.${group + 3}.${at + 1}`],
      `a ${kind} message of ${4 * MIB} octets in fragments of ${size}`,
      endedEmpty(kind, wholeCharacters(patternOf(kind, 4 * MIB)), size),
    ),
  ),
);

const chopped = KINDS.flatMap(({ kind, frameOf }, group) =>
  CHOPS.map((chop, at) =>
    passesAll(
      [`9.${group + 5}.${at + 1}`],
      `passes a ${kind} message of ${MIB} octets that comes in writes of ${chop}`,
      [frameOf(wholeCharacters(patternOf(kind, MIB)))],
      { chop },
    ),
  ),
);

const roundTrips = KINDS.flatMap(({ kind, frameOf }, group) =>
  ROUND_TRIP_SIZES.map((bytes, at) =>
    passesAll(
      [`9.${group + 7}.${at + 1}`],
      `passes ${ROUND_TRIPS} ${kind} messages of ${bytes} octets, each sent after the echo of the one before`,
      Array.from({ length: ROUND_TRIPS }, () => frameOf(wholeCharacters(patternOf(kind, bytes)))),
      { isLockstep: true },
    ),
  ),
);

const autoFragmented = inFragments(
  ['10.1.1'],
  `a text message of 65536 octets in fragments of ${AUTO_FRAGMENT_BYTES}`,
  fragments('text', patternOf('text', 65_536), AUTO_FRAGMENT_BYTES),
);

const tooLarge = (title: string, [legal, illegal]: Parameters<typeof breaks>[2]): ConformanceCase => ({
  ...breaks([], title, [legal, illegal as never]),
  bytes: { passes: legal, ending: breach('TooLarge') },
  messages: { passes: [] },
});

const ownLimits: ConformanceCase[] = [
  inFragments(
    [],
    `a message of exactly ${MOST_FRAGMENTS} fragments`,
    fragments('binary', patternOf('binary', MOST_FRAGMENTS), 1),
  ),

  tooLarge('refuses a message that is announced one octet too long', [
    [],
    binary('', { announcedBytes: MOST_BYTES + 1 }),
  ]),
  tooLarge('refuses a message that is announced as long as a frame can be', [
    [],
    text('', { announcedBytes: Number.MAX_SAFE_INTEGER }),
  ]),
  tooLarge('refuses the fragment that makes a message one octet too long', [
    [binary('1', { fin: false })],
    continuation('', { announcedBytes: MOST_BYTES }),
  ]),
];

export const limits: readonly ConformanceCase[] = [
  ...large,
  ...fragmented,
  ...chopped,
  ...roundTrips,
  autoFragmented,
  ...ownLimits,
];
