/** Group 2 of the public list: pings and pongs pass from end to end, and it is the other end that answers. */
import { breaks, type ConformanceCase, passesAll, ping, pong, text } from './case.ts';

const OCTETS = Buffer.from([0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff]);
const LONGEST = Buffer.alloc(125, 0xfe);
const TEN = Array.from({ length: 10 }, (_, at) => ping(`payload-${at}`));

export const pings: readonly ConformanceCase[] = [
  passesAll(['2.1'], 'has an empty ping answered', [ping()]),
  passesAll(['2.2'], 'has a ping answered with its text', [ping('Hello, world!')]),
  passesAll(['2.3'], 'has a ping answered with its octets, which are no text', [ping(OCTETS)]),
  passesAll(['2.4'], 'has a ping of 125 octets answered', [ping(LONGEST)]),
  breaks(['2.5'], 'refuses a ping of 126 octets', [[], ping(Buffer.alloc(126, 0xfe))]),
  passesAll(['2.6'], 'has a ping of 125 octets answered that comes octet by octet', [ping(LONGEST)], {
    chop: 1,
  }),
  passesAll(['2.7'], 'answers nothing to an empty pong that nobody asked for', [pong()]),
  passesAll(['2.8'], 'answers nothing to a pong that nobody asked for', [pong('unsolicited')]),
  passesAll(['2.9'], 'has the ping answered that follows a pong', [pong('unsolicited'), ping('asked')]),
  passesAll(['2.10'], 'has ten pings answered in order', TEN),
  passesAll(['2.11'], 'has ten pings answered in order that come octet by octet', TEN, {
    chop: 1,
  }),
  passesAll([], 'keeps pings in their place among messages', [
    text('one'),
    ping('two'),
    text('three'),
    pong('four'),
  ]),
  breaks([], 'refuses a pong of 126 octets', [[text('before')], pong(Buffer.alloc(126)), text('never')]),
];
