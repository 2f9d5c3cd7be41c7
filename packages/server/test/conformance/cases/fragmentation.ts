/** Group 5 of the public list: fragments keep their shape, control frames pass between them, and disorder is refused. */
import {
  binary,
  breaks,
  type ConformanceCase,
  continuation,
  passesAll,
  ping,
  pong,
  type Sent,
  text,
} from './case.ts';

const first = (payload: string): Sent => text(payload, { fin: false });
const middle = (payload: string): Sent => continuation(payload, { fin: false });
const last = (payload: string): Sent => continuation(payload);

const TWO = [first('fragment1'), last('fragment2')];
const TWO_AROUND_PING = [first('fragment1'), ping('ping payload'), last('fragment2')];
/** What legs that take messages make of them. */
const JOINED = { messages: { passes: [text('fragment1fragment2')] } };
const JOINED_BEHIND_PING = { messages: { passes: [ping('ping payload'), text('fragment1fragment2')] } };

const FIVE_AND_PINGS = [
  first('fragment1'),
  middle('fragment2'),
  // The answer to the ping must not wait for the rest of the message (RFC 6455 5.4).
  ping('pongme 1!', { awaitsPongs: true }),
  middle('fragment3'),
  middle('fragment4'),
  ping('pongme 2!', { awaitsPongs: true }),
  last('fragment5'),
];
const FIVE_JOINED = {
  messages: {
    passes: [ping('pongme 1!'), ping('pongme 2!'), text('fragment1fragment2fragment3fragment4fragment5')],
  },
};

const ORPHAN_LAST = [last('non-continuation payload'), text('Hello, world!')] as const;
const ORPHAN_MIDDLE = [middle('non-continuation payload'), text('Hello, world!')] as const;
const twice = (orphan: Sent): readonly [Sent[], ...Sent[]] => {
  const round = [orphan, first('fragment2'), last('fragment3')];
  return [[], ...round, ...round];
};

const publicCases: ConformanceCase[] = [
  breaks(['5.1'], 'refuses a ping in two fragments', [
    [],
    ping('fragment1', { fin: false }),
    last('fragment2'),
  ]),
  breaks(['5.2'], 'refuses a pong in two fragments', [
    [],
    pong('fragment1', { fin: false }),
    last('fragment2'),
  ]),
  passesAll(['5.3'], 'passes text in two fragments', TWO, JOINED),
  passesAll(['5.4'], 'passes text in two fragments, frame by frame', TWO, { ...JOINED, chop: 'frames' }),
  passesAll(['5.5'], 'passes text in two fragments, octet by octet', TWO, { ...JOINED, chop: 1 }),
  passesAll(['5.6'], 'passes a ping between two fragments', TWO_AROUND_PING, JOINED_BEHIND_PING),
  passesAll(['5.7'], 'passes a ping between two fragments, frame by frame', TWO_AROUND_PING, {
    ...JOINED_BEHIND_PING,
    chop: 'frames',
  }),
  passesAll(['5.8'], 'passes a ping between two fragments, octet by octet', TWO_AROUND_PING, {
    ...JOINED_BEHIND_PING,
    chop: 1,
  }),
  breaks(['5.9'], 'refuses a last fragment of nothing', [[], ...ORPHAN_LAST]),
  breaks(['5.10'], 'refuses a last fragment of nothing, frame by frame', [[], ...ORPHAN_LAST], {
    chop: 'frames',
  }),
  breaks(['5.11'], 'refuses a last fragment of nothing, octet by octet', [[], ...ORPHAN_LAST], { chop: 1 }),
  breaks(['5.12'], 'refuses a fragment of nothing', [[], ...ORPHAN_MIDDLE]),
  breaks(['5.13'], 'refuses a fragment of nothing, frame by frame', [[], ...ORPHAN_MIDDLE], {
    chop: 'frames',
  }),
  breaks(['5.14'], 'refuses a fragment of nothing, octet by octet', [[], ...ORPHAN_MIDDLE], { chop: 1 }),
  breaks(
    ['5.15'],
    'passes a message in two fragments and refuses the fragment of nothing behind it',
    [TWO, middle('fragment3'), text('fragment4')],
    JOINED,
  ),
  breaks(['5.16'], 'refuses a fragment of nothing before a message in fragments', twice(middle('fragment1'))),
  breaks(
    ['5.17'],
    'refuses a last fragment of nothing before a message in fragments',
    twice(last('fragment1')),
  ),
  breaks(
    ['5.18'],
    'refuses a second fragment that begins a message',
    [[first('fragment1')], text('fragment2')],
    {
      messages: { passes: [] },
    },
  ),
  passesAll(
    ['5.19'],
    'passes pings at once while the message around them is unfinished',
    FIVE_AND_PINGS,
    FIVE_JOINED,
  ),
  passesAll(
    ['5.20'],
    'passes pings at once while the message around them is unfinished, frame by frame',
    FIVE_AND_PINGS,
    {
      ...FIVE_JOINED,
      chop: 'frames',
    },
  ),
];

const emptyBinary = [binary('', { fin: false }), middle(''), last('')];

const ownCases: ConformanceCase[] = [
  passesAll([], 'passes a binary message of three empty fragments', emptyBinary, {
    messages: { passes: [binary()] },
  }),
  breaks(
    [],
    'refuses a binary fragment inside a text message',
    [[first('text'), ping('between')], binary('octets', { fin: false }), last('never')],
    { messages: { passes: [ping('between')] } },
  ),
  breaks(
    [],
    'refuses a close frame in two fragments',
    [[first('fragment1')], { opcode: 0x8, payload: Buffer.from([0x03, 0xe8]), fin: false }, last('never')],
    { messages: { passes: [] } },
  ),
];

export const fragmentation: readonly ConformanceCase[] = [...publicCases, ...ownCases];
