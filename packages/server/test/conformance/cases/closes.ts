/** Group 7 of the public list: the closing handshake, the structure of close frames, and the codes in them. */
import { CLOSE_ROWS, type CloseName, NORMAL_CLOSURE } from '../../../src/contract/index.ts';
import {
  breach,
  breaks,
  close,
  type ConformanceCase,
  continuation,
  passesAll,
  ping,
  type Sent,
  text,
} from './case.ts';

const HELLO = 'Hello World!';
const LONGEST_REASON = 123;
const NOT_UTF8 = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex');

const codeOf = (name: CloseName): number => CLOSE_ROWS[name].code;
const CODES_OF_ROWS = [
  ...(['ProtocolError', 'KindDenied', 'BadPayload', 'PolicyViolation', 'TooLarge'] as const).map(codeOf),
  1010,
  codeOf('Internal'),
];

/** Codes that an endpoint may send, in the order of the public list; then newer ones of the registry (RFC 6455 7.4). */
const LEGAL_CODES = [NORMAL_CLOSURE, 1001, ...CODES_OF_ROWS, 3000, 3999, 4000, 4999];
const NEWER_CODES = [CLOSE_ROWS.Draining.code, CLOSE_ROWS.Stalled.code, 1014];
const ILLEGAL_CODES = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
const UNDEFINED_CODES = [5000, 65_535];

interface Closing {
  readonly before?: readonly Sent[];
  readonly code?: number;
  readonly reason?: string;
  readonly after?: readonly Sent[];
}

/** The player closes: what it sent before passes, the close passes, and what follows is dropped (RFC 6455 5.5.1). */
function closes(
  ids: readonly string[],
  title: string,
  closing: Closing,
  more: Partial<ConformanceCase> = {},
): ConformanceCase {
  const { before = [], code, reason = '', after = [] } = closing;
  return {
    ids,
    title,
    sends: [...before, close(code, reason), ...after],
    bytes: { passes: before, ending: { kind: 'closed', code, reason } },
    ...more,
  };
}

const handshakes: ConformanceCase[] = [
  passesAll(['7.1.1'], 'passes a message, and the close that follows its echo', [text(HELLO)]),
  closes(['7.1.2'], 'passes the first of two close frames', { code: NORMAL_CLOSURE, after: [close()] }),
  closes(['7.1.3'], 'drops a ping behind a close frame', { code: NORMAL_CLOSURE, after: [ping()] }),
  closes(['7.1.4'], 'drops text behind a close frame', { code: NORMAL_CLOSURE, after: [text(HELLO)] }),
  closes(
    ['7.1.5'],
    'passes a close frame inside a fragmented message and drops the rest of the message',
    { before: [text('fragment1', { fin: false })], code: NORMAL_CLOSURE, after: [continuation('fragment2')] },
    { messages: { passes: [] } },
  ),
  closes(['7.1.6'], 'delivers 256 KiB and a text before the close frame that follows them at once', {
    before: [text('BAsd7&jh23'.repeat(26_215).slice(0, 262_144)), text(HELLO)],
    code: NORMAL_CLOSURE,
    after: [ping()],
  }),
];

const structures: ConformanceCase[] = [
  closes(['7.3.1'], 'passes a close frame without a code', {}),
  breaks(['7.3.2'], 'refuses a close frame of one octet', [[], { opcode: 0x8, payload: 'a' }]),
  closes(['7.3.3'], 'passes a close frame with a code alone', { code: NORMAL_CLOSURE }),
  closes(['7.3.4'], 'passes a close frame with a reason', { code: NORMAL_CLOSURE, reason: HELLO }),
  closes(['7.3.5'], 'passes a close frame with the longest reason', {
    code: NORMAL_CLOSURE,
    reason: '*'.repeat(LONGEST_REASON),
  }),
  breaks(['7.3.6'], 'refuses a close frame with a reason one octet too long', [
    [],
    close(NORMAL_CLOSURE, '*'.repeat(LONGEST_REASON + 1)),
  ]),
  {
    ...breaks(['7.5.1'], 'refuses a close frame whose reason is not UTF-8', [
      [],
      close(NORMAL_CLOSURE, NOT_UTF8),
    ]),
    bytes: { passes: [], ending: breach('BadPayload') },
  },
  closes([], 'passes a close frame that comes octet by octet', { code: 4000, reason: 'bye' }, { chop: 1 }),
];

const codes: ConformanceCase[] = [
  ...LEGAL_CODES.map((code, at) => closes([`7.7.${at + 1}`], `passes the close code ${code}`, { code })),
  ...NEWER_CODES.map((code) => closes([], `passes the close code ${code}`, { code })),
  ...ILLEGAL_CODES.map((code, at) =>
    breaks([`7.9.${at + 1}`], `refuses the close code ${code}`, [[], close(code)]),
  ),
  // The public list only records what happens; a code outside of every range may not be sent.
  ...UNDEFINED_CODES.map((code, at) =>
    breaks([`7.13.${at + 1}`], `refuses the close code ${code}`, [[], close(code)]),
  ),
  breaks([], 'refuses the close code 1015', [[], close(1015)]),
];

export const closings: readonly ConformanceCase[] = [...handshakes, ...structures, ...codes];
