/**
 * Group 6 of the public list: text that is UTF-8, and text that is not (RFC 6455 8.1). A route that opens no payload
 * leaves the judgement to the endpoints and passes both; a route that opens text, and legs that take messages, refuse.
 */
import { breach, type ConformanceCase, continuation, fragments, passesAll, type Sent, text } from './case.ts';
import { UTF8_SEQUENCES } from './utf8-sequences.ts';

const GREETING = Buffer.from('Hello-µ@ßöäüàá-UTF-8!!');
const GREETING_CUT = Buffer.byteLength('Hello-µ@ßöä');
const KOSME = Buffer.from('κόσμε');
const EDITED = Buffer.from('edited');
const SURROGATE = Buffer.concat([KOSME, Buffer.from('eda080', 'hex'), EDITED]);
/** Beyond the last code point; its second octet is where that shows. */
const BEYOND = Buffer.concat([KOSME, Buffer.from('f4908080', 'hex'), EDITED]);
const BEYOND_END = KOSME.length + 4;
const BEYOND_SHOWS = KOSME.length + 1;

const payloadOf = (sends: readonly Sent[]): Buffer =>
  Buffer.concat(sends.map(({ payload = '' }) => Buffer.from(payload as Buffer)));

/** Whoever opens text passes a message whole, whatever its fragments were. */
function valid(ids: readonly string[], title: string, sends: readonly Sent[]): ConformanceCase {
  const whole = { passes: [text(payloadOf(sends))] };
  return passesAll(ids, `passes ${title}`, sends, { messages: whole, opened: whole });
}

/** Whoever opens text refuses it; a relay that copies bytes passes it as it came. */
function invalid(
  ids: readonly string[],
  title: string,
  sends: readonly Sent[],
  more: Partial<ConformanceCase> = {},
): ConformanceCase {
  const refused = { passes: [], ending: breach('BadPayload') };
  return passesAll(ids, `refuses, where text is opened, ${title}`, sends, {
    messages: refused,
    opened: refused,
    ...more,
  });
}

const inThree = (payload: Buffer, [one, two]: readonly [number, number]): Sent[] => [
  text(payload.subarray(0, one), { fin: false }),
  continuation(payload.subarray(one, two), { fin: false }),
  continuation(payload.subarray(two)),
];

const emptyThree = (middle: string): Sent[] => [
  text('', { fin: false }),
  continuation(middle, { fin: false }),
  continuation(''),
];

const messages: ConformanceCase[] = [
  valid(['6.1.1'], 'an empty text', [text()]),
  valid(['6.1.2'], 'a text of three empty fragments', emptyThree('')),
  valid(['6.1.3'], 'a text between two empty fragments', emptyThree('middle frame payload')),
  valid(['6.2.1'], 'a text with characters of two octets', [text(GREETING)]),
  valid(['6.2.2'], 'a text in fragments of whole characters', [
    text(GREETING.subarray(0, GREETING_CUT), { fin: false }),
    continuation(GREETING.subarray(GREETING_CUT)),
  ]),
  valid(['6.2.3'], 'a text in fragments of one octet', fragments('text', GREETING, 1)),
  valid(['6.2.4'], 'a Greek text in fragments of one octet', fragments('text', KOSME, 1)),
  invalid(['6.3.1'], 'a text with a surrogate in it', [text(SURROGATE)]),
  invalid(['6.3.2'], 'a text with a surrogate in fragments of one octet', fragments('text', SURROGATE, 1)),
];

const TWO_WRITES = { writesUntilFault: 2 };
const atEnd = [KOSME.length, BEYOND_END] as const;
const atOnce = [BEYOND_SHOWS, BEYOND_SHOWS + 1] as const;

const early: ConformanceCase[] = [
  invalid(['6.4.1'], 'a fragment with a code point beyond the last', inThree(BEYOND, atEnd), {
    ...TWO_WRITES,
    chop: 'frames',
  }),
  invalid(['6.4.2'], 'a fragment of the one octet that cannot follow', inThree(BEYOND, atOnce), {
    ...TWO_WRITES,
    chop: 'frames',
  }),
  invalid(['6.4.3'], 'a part of a frame with a code point beyond the last', [text(BEYOND)], {
    ...TWO_WRITES,
    chop: atEnd,
  }),
  invalid(['6.4.4'], 'a part of a frame up to the one octet that cannot follow', [text(BEYOND)], {
    ...TWO_WRITES,
    chop: atOnce,
  }),
];

const sequences = UTF8_SEQUENCES.flatMap(({ group, what, octets, legal }) =>
  octets.map((hex, at) => {
    const isLegal = typeof legal === 'boolean' ? legal : legal.includes(at + 1);
    const make = isLegal ? valid : invalid;
    return make([`6.${group}.${at + 1}`], `${what} (${at + 1})`, [text(Buffer.from(hex, 'hex'))]);
  }),
);

export const utf8: readonly ConformanceCase[] = [...messages, ...early, ...sequences];
