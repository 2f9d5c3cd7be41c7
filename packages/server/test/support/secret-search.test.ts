import { expect, test } from 'vitest';
import { expectNoSecret, findSecret } from './secret-search.ts';

const SECRET = 'sk-live?key/with+odd~bytes=&"x"';
const bytes = Buffer.from(SECRET);
const percent = [...bytes].map((byte) => `%${byte.toString(16)}`).join('');

test.each([
  ['plain', `the key ${SECRET}.`],
  ['hex', bytes.toString('hex')],
  ['hex', bytes.toString('hex').toUpperCase()],
  ['plain, after percent-decoding', percent],
  ['plain, after percent-decoding', percent.toUpperCase()],
  ['plain, after percent-decoding', encodeURIComponent(SECRET)],
  ['plain, after percent-decoding', `sk%2Dlive%${'3f'}key/with+odd~bytes=&"x"`],
  ['plain, after percent-decoding twice', encodeURIComponent(encodeURIComponent(SECRET))],
  ['plain, after JSON unescaping', JSON.stringify({ note: SECRET })],
  [
    'plain, after JSON unescaping',
    SECRET.replace('s', '\\u0073').replaceAll('/', '\\/').replaceAll('"', '\\"'),
  ],
  ['plain, after JSON unescaping and percent-decoding', JSON.stringify(`${SECRET.replace('/', '%2F')}`)],
  ['base64 at offset 0', `key=${bytes.toString('base64')}`],
  ['base64 at offset 0, after percent-decoding', encodeURIComponent(bytes.toString('base64'))],
  ['base64url at offset 0', Buffer.from(SECRET).toString('base64url')],
])('finds the secret %s', (form, text) => {
  expect(findSecret(SECRET, text).map((hit) => hit.form)).toContain(form);
});

test.each([0, 1, 2, 3, 4, 5])('finds it in base64 behind %i other bytes', (count) => {
  const surrounded = Buffer.concat([Buffer.alloc(count, 'a'), bytes, Buffer.from('and what follows')]);
  const form = new RegExp(`^base64.* at offset ${count % 3}$`);
  expect(findSecret(SECRET, surrounded.toString('base64')).some((hit) => form.test(hit.form))).toBe(true);
  expect(findSecret(SECRET, surrounded.toString('base64url'))).not.toEqual([]);
});

test('says where in an object it was found, hidden and nested places included', () => {
  const error = new Error('failed', { cause: { url: `wss://host/?key=${SECRET}` } });
  const value = {
    logs: [{ a: 1 }, { error }],
    map: new Map([['header', Buffer.from(`x ${SECRET}`)]]),
    set: new Set([SECRET]),
    [SECRET]: true,
  };
  expect(findSecret(SECRET, value, 'all').map((hit) => hit.place)).toEqual([
    'all.logs[1].error.cause.url',
    'all.map.header',
    'all.set[0]',
    'a key of all',
  ]);
});

test('finds it in an error message and its stack, and walks circles once', () => {
  const circle: Record<string, unknown> = { error: new TypeError(SECRET) };
  circle['self'] = circle;
  // A stack names folders, and one with a space in it is percent-encoded: then the stack is read twice.
  const places = new Set(findSecret(SECRET, circle).map((hit) => hit.place));
  expect(places).toEqual(new Set(['value.error.message', 'value.error.stack']));
});

test('finds nothing in texts that only look alike', () => {
  const harmless = [
    'sk-live?key',
    percent.slice(0, -3),
    bytes.toString('base64').slice(4),
    SECRET.toUpperCase(),
    42,
    null,
  ];
  expect(findSecret(SECRET, harmless)).toEqual([]);
  expect(() => expectNoSecret(SECRET, harmless)).not.toThrow();
});

test('lists places and forms without repeating the secret', () => {
  expect(() => expectNoSecret('a-long-secret', ['a-long-secret'], 'log')).toThrow(
    'the secret was found 1 times:\n- log[0]: plain',
  );
  expect(() => findSecret('short', '')).toThrow(TypeError);
});
