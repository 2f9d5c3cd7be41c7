import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AnswerReader, type Reading } from './answer-head.ts';

const SWITCHING = [
  'HTTP/1.1 101 Switching Protocols',
  'upgrade:  WebSocket\t',
  'CONNECTION: keep-alive',
  'Connection: Upgrade',
  'Server: not kept',
  'Sec-WebSocket-Accept:abc=',
];
const SWITCHED = {
  status: 101,
  headers: {
    upgrade: ['WebSocket'],
    connection: ['keep-alive', 'Upgrade'],
    'sec-websocket-accept': ['abc='],
  },
};

const headOf = (...lines: string[]): string => [...lines, '', ''].join('\r\n');
const status = (line: string): string => headOf(line, 'Upgrade: websocket');

/** The outcome of bytes that arrive in pieces; what stands behind the head is gathered over the rest of the pieces. */
function read(chunks: readonly Buffer[]): unknown {
  const reader = new AnswerReader();
  for (const [at, chunk] of chunks.entries()) {
    const reading: Reading = reader.push(chunk);
    if (typeof reading === 'string') return reading;
    if (!reading) continue;
    const { answer, rest } = reading;
    const all = Buffer.concat([rest, ...chunks.slice(at + 1)]).toString('latin1');
    return { status: answer.status, headers: Object.fromEntries(answer.headers), rest: all };
  }
  return undefined;
}

const readText = (text: string): unknown => read([Buffer.from(text, 'latin1')]);

/** The bytes cut at these places. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % bytes.length)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, at) => bytes.subarray(at === 0 ? 0 : ends[at - 1], end));
}

const GOOD: readonly [title: string, text: string, status: number][] = [
  ['a switch of protocols', headOf(...SWITCHING), 101],
  ['no reason phrase', status('HTTP/1.1 101 '), 101],
  ['no space behind the status', status('HTTP/1.1 101'), 101],
  ['a reason of many words in Latin-1', status('HTTP/1.1 404 Not \u00e4 Page\there'), 404],
  ['no header at all', headOf('HTTP/1.1 500 Oops'), 500],
  ['an empty value', headOf('HTTP/1.1 200 OK', 'Upgrade:'), 200],
  ['colons in a value', headOf('HTTP/1.1 200 OK', 'X: a:b: c'), 200],
  ['early hints before it', headOf('HTTP/1.1 103 Early Hints', 'Link: x') + headOf(...SWITCHING), 101],
  [
    'several interim answers before it',
    headOf('HTTP/1.1 100 Continue').repeat(3) + headOf(...SWITCHING),
    101,
  ],
  ['a hundred lines', headOf('HTTP/1.1 200 OK', ...Array<string>(98).fill('A: b')), 200],
];

const BAD: readonly [title: string, text: string, outcome: 'malformed' | 'too long'][] = [
  ['HTTP/1.0', status('HTTP/1.0 101 Switching'), 'malformed'],
  ['HTTP/2', status('HTTP/2 200'), 'malformed'],
  ['a version in lower case', status('http/1.1 101 Hi'), 'malformed'],
  ['another protocol', 'SSH-2.0-mock\r\n\r\n', 'malformed'],
  ['an empty line first', `\r\n${status('HTTP/1.1 101 Hi')}`, 'malformed'],
  ['a status of two digits', status('HTTP/1.1 99 Hi'), 'malformed'],
  ['a status of four digits', status('HTTP/1.1 1010 Hi'), 'malformed'],
  ['a status out of range', status('HTTP/1.1 601 Hi'), 'malformed'],
  ['a signed status', status('HTTP/1.1 +101 Hi'), 'malformed'],
  ['two spaces before the status', status('HTTP/1.1  101 Hi'), 'malformed'],
  ['a tab behind the status', status('HTTP/1.1 101\tHi'), 'malformed'],
  ['a bare line feed', 'HTTP/1.1 101 Hi\nUpgrade: websocket\r\n\r\n', 'malformed'],
  ['a bare return', 'HTTP/1.1 101 Hi\rUpgrade: websocket\r\n\r\n', 'malformed'],
  ['two returns', 'HTTP/1.1 101 Hi\r\r\n\r\n', 'malformed'],
  ['line feeds at its end', 'HTTP/1.1 101 Hi\r\nA: b\r\n\n', 'malformed'],
  ['a NUL', headOf('HTTP/1.1 101 Hi', 'A: b\0'), 'malformed'],
  ['a control character', headOf('HTTP/1.1 101 Hi', 'A: b\u001b'), 'malformed'],
  ['a DEL', headOf('HTTP/1.1 101 Hi', 'A: b\u007f'), 'malformed'],
  ['a folded line', headOf('HTTP/1.1 101 Hi', 'A: b', ' c'), 'malformed'],
  ['a line folded by a tab', headOf('HTTP/1.1 101 Hi', 'A: b', '\tc'), 'malformed'],
  ['white space before the colon', headOf('HTTP/1.1 101 Hi', 'A : b'), 'malformed'],
  ['a line without a colon', headOf('HTTP/1.1 101 Hi', 'A'), 'malformed'],
  ['a header without a name', headOf('HTTP/1.1 101 Hi', ': b'), 'malformed'],
  ['a name that is no token', headOf('HTTP/1.1 101 Hi', 'A\u00e4: b'), 'malformed'],
  ['a fault in an interim answer', headOf('HTTP/1.1 103 Hi', 'A') + headOf(...SWITCHING), 'malformed'],
  ['more than a hundred lines', headOf('HTTP/1.1 200 OK', ...Array<string>(99).fill('A: b')), 'too long'],
  ['interim answers without end', headOf('HTTP/1.1 100 Continue').repeat(51), 'too long'],
  ['a long header', headOf('HTTP/1.1 200 OK', `A: ${'b'.repeat(16_384)}`), 'too long'],
  ['a first line without end', `HTTP/1.1 200 ${'b'.repeat(1_048_576)}`, 'too long'],
];

describe('the head of an answer', () => {
  it('is its status and the headers that matter, with what stood behind it', () => {
    expect(readText(`${headOf(...SWITCHING)}\u0081\u0001a`)).toEqual({
      ...SWITCHED,
      rest: '\u0081\u0001a',
    });
  });

  it('keeps white space in a value that is not HTTP’s own', () => {
    expect(readText(headOf('HTTP/1.1 101 Hi', 'Upgrade: websocket\u00a0'))).toMatchObject({
      headers: { upgrade: ['websocket\u00a0'] },
    });
  });

  it.for(GOOD)('may have %s', ([, text, wanted]) => {
    expect(readText(text)).toMatchObject({ status: wanted, rest: '' });
  });

  it.for(BAD)('may not have %s', ([, text, outcome]) => {
    expect(readText(text)).toBe(outcome);
  });

  it('is waited for while it is not whole', () => {
    const text = headOf(...SWITCHING);
    for (let length = 0; length < text.length; length += 1)
      expect(readText(text.slice(0, length))).toBeUndefined();
  });
});

describe('the outcome is the same', () => {
  const short = [...GOOD, ...BAD].filter(([, text]) => text.length < 1_000);

  it.for(short)('when the head arrives in two pieces, cut anywhere: %s', ([, text]) => {
    const bytes = Buffer.from(`${text}behind`, 'latin1');
    const whole = read([bytes]);
    for (let at = 0; at <= bytes.length; at += 1)
      expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
  });

  it('when any head arrives byte by byte', () => {
    for (const [, text] of short) {
      const bytes = Buffer.from(text, 'latin1');
      expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(read([bytes]));
    }
  });

  it('in whatever pieces a head arrives, with whatever behind it', () => {
    const texts = fc.constantFrom(...[...GOOD, ...BAD].map(([, text]) => text.slice(0, 20_000)));
    fc.assert(
      fc.property(texts, fc.uint8Array(), fc.array(fc.nat()), (text, behind, places) => {
        const bytes = Buffer.concat([Buffer.from(text, 'latin1'), behind]);
        expect(read(cutAt(bytes, places))).toEqual(read([bytes]));
      }),
    );
  });

  it('for bytes of any kind, which never do anything but fail or wait or answer', () => {
    const parts = fc.constantFrom('HTTP/1.1 ', '101', '\r\n', '\r', '\n', ' ', ':', 'A', 'upgrade', '\0');
    fc.assert(
      fc.property(fc.array(parts), fc.array(fc.nat()), (words, places) => {
        const bytes = Buffer.from(`${words.join('')}.`, 'latin1');
        expect(read(cutAt(bytes, places))).toEqual(read([bytes]));
      }),
    );
  });
});
