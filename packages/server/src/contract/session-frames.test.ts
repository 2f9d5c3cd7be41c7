import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CONTROL_BYTE,
  isControlFrame,
  readControlFrame,
  readSessionQuery,
  toControlFrame,
  toSessionQuery,
  type ClientControl,
  type ServerControl,
} from './session-frames.ts';

const ID = 'AZaz09_-AZaz09_-AZaz09_-';
const MARK = String.fromCharCode(CONTROL_BYTE);

const anyId = fc.stringMatching(/^[A-Za-z0-9_-]{16,64}$/);
const anyCount = fc.integer({ min: 0, max: 999_999_999_999_999 });

describe('readSessionQuery', () => {
  it.each([
    { value: '1', request: {} },
    { value: `1.${ID}.0`, request: { resume: { id: ID, received: 0 } } },
    { value: `1.${ID}.12`, request: { resume: { id: ID, received: 12 } } },
    { value: `1.${ID}.007`, request: { resume: { id: ID, received: 7 } } },
    {
      value: `1.${'x'.repeat(16)}.999999999999999`,
      request: { resume: { id: 'x'.repeat(16), received: 999_999_999_999_999 } },
    },
    { value: `1.${'x'.repeat(64)}.1`, request: { resume: { id: 'x'.repeat(64), received: 1 } } },
  ])('reads $value', ({ value, request }) => {
    expect(readSessionQuery(value)).toEqual(request);
  });

  it.each([
    ['nothing', ''],
    ['another version', '2'],
    ['a version of two digits', '11'],
    ['a version with a zero in front', '01'],
    ['a version with a fraction', '1.0'],
    ['a version with space', ' 1'],
    ['a version in other digits', '١'],
    ['a word', 'true'],
    ['a dot behind the version', '1.'],
    ['dots only', '..'],
    ['an id without a count', `1.${ID}`],
    ['an empty count', `1.${ID}.`],
    ['an empty id', '1..5'],
    ['a count alone', '1.5'],
    ['an id that is too short', `1.${'x'.repeat(15)}.5`],
    ['an id that is too long', `1.${'x'.repeat(65)}.5`],
    ['an id of a megabyte', `1.${'x'.repeat(1_000_000)}.5`],
    ['an id with a slash', `1.${'x'.repeat(16)}/.5`],
    ['an id with padding', `1.${'x'.repeat(16)}=.5`],
    ['an id with a line break', `1.${'x'.repeat(16)}\n.5`],
    ['an id with a NUL', `1.${'x'.repeat(16)}\0.5`],
    ['an id with a percent code', `1.${'x'.repeat(16)}%41.5`],
    ['an id with a letter that looks like one', `1.${'х'.repeat(16)}.5`],
    ['an id with a quote', `1.${'x'.repeat(16)}'--.5`],
    ['a negative count', `1.${ID}.-1`],
    ['a count with a sign', `1.${ID}.+1`],
    ['a count with an exponent', `1.${ID}.1e3`],
    ['a hexadecimal count', `1.${ID}.0x10`],
    ['a count with space', `1.${ID}. 5`],
    ['a count with a line break', `1.${ID}.5\n`],
    ['a count that no number holds exactly', `1.${ID}.9999999999999999`],
    ['Infinity', `1.${ID}.Infinity`],
    ['NaN', `1.${ID}.NaN`],
    ['a fourth part', `1.${ID}.5.6`],
    ['a dot behind the count', `1.${ID}.5.`],
    ['another version that resumes', `2.${ID}.5`],
  ])('takes %s for no request', (_, value) => {
    expect(readSessionQuery(value)).toBeUndefined();
  });

  it('reads what toSessionQuery has written', () => {
    fc.assert(
      fc.property(anyId, anyCount, (id, received) => {
        expect(readSessionQuery(toSessionQuery({ id, received }))).toEqual({ resume: { id, received } });
      }),
    );
    expect(readSessionQuery(toSessionQuery())).toEqual({});
  });

  it('reads any text or leaves it, and asks for no more than was written', () => {
    const nearly = fc
      .array(fc.oneof(fc.constantFrom('1', '2', '', ID, '5'), fc.string()), { maxLength: 5 })
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(fc.oneof(fc.string(), nearly), (value) => {
        const resume = readSessionQuery(value)?.resume;
        if (resume) expect(value).toContain(resume.id);
        if (resume) expect(Number.isSafeInteger(resume.received)).toBe(true);
      }),
    );
  });

  it('writes what a query may hold as it is', () => {
    fc.assert(
      fc.property(anyId, anyCount, (id, received) => {
        const value = toSessionQuery({ id, received });
        expect(encodeURIComponent(value)).toBe(value);
      }),
    );
  });
});

const hello = { version: 1, id: ID, received: 3, resumed: true, hold_ms: 1, ack_ms: 2, ack_bytes: 3 };

const frames: (ServerControl | ClientControl)[] = [
  { type: 'ack', received: 0 },
  { type: 'ack', received: Number.MAX_SAFE_INTEGER },
  { type: 'hello', ...hello },
  { type: 'hello', ...hello, resumed: false, reset: { cause: 'unknown' } },
  { type: 'hello', ...hello, resumed: false, reset: { cause: 'lost', received: 5, sent: 9 } },
];

describe('a control frame', () => {
  it.each(frames)('is read as it was written ($type)', (frame) => {
    const text = toControlFrame(frame);
    expect(isControlFrame(text)).toBe(true);
    expect(readControlFrame(text)).toEqual(frame);
  });

  it('begins with a byte that no JSON text begins with', () => {
    for (const frame of frames) {
      const text = toControlFrame(frame);
      expect(Buffer.from(text)[0]).toBe(CONTROL_BYTE);
      expect(() => JSON.parse(text) as unknown).toThrow();
    }
    fc.assert(fc.property(fc.json(), (text) => !isControlFrame(text)));
  });

  it.each(['', ' ', '{"type":"ack","received":1}', `x${MARK}`, '\u0002{}', '\u{1f511}'])(
    'is not what %j is',
    (text) => {
      expect(isControlFrame(text)).toBe(false);
    },
  );

  it('may be of a type that is not known, with all that it says', () => {
    expect(readControlFrame(`${MARK}{"type":"later","more":[1]}`)).toEqual({ type: 'later', more: [1] });
    expect(readControlFrame(`${MARK}  {"type":""}`)).toEqual({ type: '' });
  });

  it.each([
    '',
    ' ',
    'ack',
    '{',
    '{}',
    '[]',
    '["type"]',
    'null',
    'true',
    '5',
    '"ack"',
    '{"type":5}',
    '{"type":null}',
    '{"type":["ack"]}',
    '{"type":{"type":"ack"}}',
    '{"Type":"ack"}',
    '{"__proto__":{"type":"ack"}}',
    '{"type":"ack"}{"type":"ack"}',
    `{"type":"ack"}${MARK}`,
    "{'type':'ack'}",
    '['.repeat(10_000),
  ])('cannot be read from %j', (content) => {
    expect(readControlFrame(MARK + content)).toBeUndefined();
  });

  it('takes nothing from the prototype of what is read, and changes none', () => {
    const read = readControlFrame(`${MARK}{"type":"ack","__proto__":{"received":7}}`);
    expect(read?.['received']).toBeUndefined();
    expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
    expect('received' in {}).toBe(false);
  });
});
