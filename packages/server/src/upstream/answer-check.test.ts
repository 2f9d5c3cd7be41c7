import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import { Stop } from '../stop-signal.ts';
import {
  checkAnswer,
  connectionFailed,
  noAnswerInTime,
  type Expected,
  refusalOf,
  createStopWords,
} from './answer-check.ts';

const expected: Expected = { accept: 'digest=', subprotocols: ['token', 'secret'] };
const RIGHT = {
  upgrade: ['websocket'],
  connection: ['Upgrade'],
  'sec-websocket-accept': ['digest='],
};

type Headers = Readonly<Record<string, readonly string[] | undefined>>;

/** The message of the failure, or undefined. */
function check(changes: Headers, wanted = expected, status = 101): string | undefined {
  const headers = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries({ ...RIGHT, ...changes }))
    if (values) headers.set(name, values);
  return checkAnswer({ status, headers }, wanted)?.message;
}

const GOOD: readonly [title: string, changes: Headers][] = [
  ['as it should be', {}],
  ['in other letters', { upgrade: ['WebSocket'], connection: ['UPGRADE'] }],
  ['with more words for the connection', { connection: ['keep-alive ,\tupgrade'] }],
  ['with more headers for the connection', { connection: ['keep-alive', 'Upgrade'] }],
  ['with the first subprotocol', { 'sec-websocket-protocol': ['token'] }],
  ['with another subprotocol', { 'sec-websocket-protocol': ['secret'] }],
  ['with a body of nothing', { 'content-length': ['0'] }],
];

const BAD: readonly [title: string, header: string, changes: Headers][] = [
  ['without an upgrade', 'Upgrade', { upgrade: undefined }],
  ['to something else', 'Upgrade', { upgrade: ['h2c'] }],
  ['to two things', 'Upgrade', { upgrade: ['websocket, h2c'] }],
  ['twice', 'Upgrade', { upgrade: ['websocket', 'websocket'] }],
  ['to something alike', 'Upgrade', { upgrade: ['websocket\u00a0'] }],
  ['without a connection', 'Connection', { connection: undefined }],
  ['with a connection that stays', 'Connection', { connection: ['keep-alive'] }],
  ['with a connection that is upgraded by another word', 'Connection', { connection: ['upgrades'] }],
  ['without a digest', 'Sec-WebSocket-Accept', { 'sec-websocket-accept': undefined }],
  ['with a wrong digest', 'Sec-WebSocket-Accept', { 'sec-websocket-accept': ['Digest='] }],
  ['with two digests', 'Sec-WebSocket-Accept', { 'sec-websocket-accept': ['digest=', 'digest='] }],
  ['with an extension', 'Sec-WebSocket-Extensions', { 'sec-websocket-extensions': ['permessage-deflate'] }],
  ['with an empty list of extensions', 'Sec-WebSocket-Extensions', { 'sec-websocket-extensions': [''] }],
  ['with a subprotocol nobody offered', 'Sec-WebSocket-Protocol', { 'sec-websocket-protocol': ['x'] }],
  ['with a subprotocol in other letters', 'Sec-WebSocket-Protocol', { 'sec-websocket-protocol': ['Token'] }],
  ['with two in one', 'Sec-WebSocket-Protocol', { 'sec-websocket-protocol': ['token,secret'] }],
  ['with two subprotocols', 'Sec-WebSocket-Protocol', { 'sec-websocket-protocol': ['token', 'token'] }],
  ['with an empty subprotocol', 'Sec-WebSocket-Protocol', { 'sec-websocket-protocol': [''] }],
  ['with chunks', 'Transfer-Encoding', { 'transfer-encoding': ['chunked'] }],
  ['with a body', 'Content-Length', { 'content-length': ['5'] }],
  ['with two lengths', 'Content-Length', { 'content-length': ['0', '5'] }],
];

describe('an answer', () => {
  it.for(GOOD)('%s is taken', ([, changes]) => {
    expect(check(changes)).toBeUndefined();
  });

  it.for(BAD)('%s is refused because of %s', ([, header, changes]) => {
    expect(check(changes)).toBe(`connection failed (bad handshake: ${header})`);
  });

  it('that selects a subprotocol is refused when none was offered', () => {
    expect(check({ 'sec-websocket-protocol': ['token'] }, { ...expected, subprotocols: [] })).toContain(
      'Sec-WebSocket-Protocol',
    );
  });

  it('that looks like a switch is none by another status', () => {
    expect(check({}, expected, 200)).toBe('the provider answered 200 to the upgrade');
  });
});

describe('a refusal', () => {
  it.for([
    { status: 401, name: 'UpstreamAuth', message: 'the provider refused the key (401)' },
    { status: 403, name: 'UpstreamAuth', message: 'the provider refused the key (403)' },
    { status: 302, name: 'UpstreamUnavailable', message: 'the provider answered 302 to the upgrade' },
    { status: 429, name: 'UpstreamUnavailable', message: 'the provider answered 429 to the upgrade' },
    { status: 503, name: 'UpstreamUnavailable', message: 'the provider answered 503 to the upgrade' },
  ])('by $status is $name', ({ status, name, message }) => {
    const error = checkAnswer({ status, headers: new Map() }, expected);
    expect(error).toMatchObject({ closeName: name, message, retryAfterMs: undefined });
  });

  it.for([
    ['7', 7_000],
    ['1.25', 1_250],
    ['9999999', 9_999_999_000],
    ['10000000', undefined],
    ['0', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['0x10', undefined],
    ['1e3', undefined],
    ['', undefined],
    ['Infinity', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ] as const)('that asks for a wait of %j states %j milliseconds', ([value, wait]) => {
    const headers = new Map([['retry-after', [value]]]);
    expect(checkAnswer({ status: 429, headers }, expected)?.retryAfterMs).toBe(wait);
  });
});

describe('what a failed dial tells of the provider', () => {
  it.for([502, 503, 504])('is that it is down, by %i', (status) => {
    expect(refusalOf(status, undefined).tells).toBe('down');
  });

  it.for([200, 302, 400, 401, 403, 404, 429, 500, 501, 505])('is that it is there, by %i', (status) => {
    expect(refusalOf(status, undefined).tells).toBe('there');
  });

  it('is that it is down, when a connection fails or nothing comes in time', () => {
    expect([connectionFailed('ECONNREFUSED').tells, noAnswerInTime().tells]).toEqual(['down', 'down']);
  });
});

describe('the end of a dial by a signal', () => {
  it.each([
    ['down', 900, noAnswerInTime()],
    [undefined, 899, noAnswerInTime()],
    [undefined, 1_000, undefined],
    [undefined, 1_000, 'other words'],
  ])('tells %s after %i ms of 1000, because of %s', (tells, waitedMs, reason) => {
    const clock = createTestClock();
    const stop = new Stop();
    const toWords = createStopWords(clock, 1_000, stop);
    clock.advance(waitedMs);
    stop.abort(reason);
    const closeName = tells === undefined ? 'Internal' : 'UpstreamTimeout';
    expect(toWords()).toMatchObject({ closeName, tells });
  });
});
