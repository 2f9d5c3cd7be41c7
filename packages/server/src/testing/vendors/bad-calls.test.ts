import { expect, test } from 'vitest';
import { CALL_CASES, type CallCase, fetchCase, startMockOf } from '../../../test/support/mock-cases.ts';
import { MOCK_SECRET } from '../../../test/support/start-mock.ts';
import type { VendorName } from './index.ts';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWFsaWNl';

function caseOf(vendor: VendorName, service: string): CallCase {
  const found = CALL_CASES.find((the) => the.vendor === vendor && the.service === service);
  if (!found) throw new Error(`no case for ${vendor} ${service}`);
  return found;
}

interface Change {
  readonly query?: string;
  readonly method?: 'GET' | 'POST';
  /** Headers on top; an empty value takes one away. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

function changed(the: CallCase, { headers = {}, ...more }: Change): CallCase {
  const all = Object.entries({ ...the.headers, ...headers }).filter(([, value]) => value !== '');
  return { ...the, ...more, headers: Object.fromEntries(all) };
}

type Row = readonly [VendorName, string, Change, violation: string];

const claude = (change: Change, violation: string): Row => ['claude', 'messages', change, violation];
const MESSAGE = { model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }] };
const NO_TYPE = 'the content type is not one that the service takes';
const NO_SESSION_TYPE = 'a session whose type is neither realtime nor transcription';

const ROWS: readonly Row[] = [
  [
    'deepgram',
    'transcribe',
    { query: 'callback=http%3A%2F%2Fevil.example' },
    'unexpected query key callback',
  ],
  ['deepgram', 'transcribe', { headers: { 'content-type': 'text/html' } }, NO_TYPE],
  [
    ...(['deepgram', 'transcribe'] as const),
    { headers: { 'content-type': 'application/json' }, body: '{"uri":"x"}' },
    'a body without a url',
  ],
  [
    ...(['deepgram', 'transcribe'] as const),
    { headers: { authorization: `Bearer ${MOCK_SECRET}` } },
    'the secret in a slot that does not take it',
  ],
  ['deepgram', 'synthesize', { body: '{}' }, 'a body without a text'],
  ['deepgram', 'grant', { body: '{"ttl_seconds":9999}' }, 'ttl_seconds is out of range'],
  ['openai', 'calls', { body: 'not a description' }, 'a body without a session description'],
  ['openai', 'calls', { headers: { 'content-type': 'application/json' } }, NO_TYPE],
  [
    ...(['openai', 'clientSecrets'] as const),
    { body: '{"expires_after":{"seconds":9}}' },
    'expires_after.seconds is out of range',
  ],
  ['openai', 'clientSecrets', { body: '{"session":{"model":"gpt-realtime"}}' }, NO_SESSION_TYPE],
  ['openai', 'clientSecrets', { query: 'model=m' }, 'unexpected query key model'],
  ['elevenlabs', 'signedUrl', { query: '' }, 'the query lacks agent_id'],
  ['elevenlabs', 'token', { headers: { 'content-type': 'text/plain' } }, 'a content type, where the service'],
  ['elevenlabs', 'token', { method: 'POST' }, 'the method is not GET'],
  claude({ headers: { 'anthropic-version': '' } }, 'there is not exactly one anthropic-version'),
  claude({ headers: { 'anthropic-version': 'latest' } }, 'there is not exactly one anthropic-version'),
  claude({ headers: { cookie: 'session=1' } }, 'unexpected header cookie'),
  claude({ headers: { origin: 'http://page.example' } }, 'unexpected header origin'),
  claude({ headers: { 'user-agent': 'Mozilla/5.0' } }, 'unexpected header user-agent'),
  claude({ headers: { 'x-forwarded-for': '10.0.0.1' } }, 'unexpected header x-forwarded-for'),
  claude({ headers: { authorization: `Bearer ${MOCK_SECRET}` } }, '2 credentials'),
  claude({ headers: { 'x-api-key': TOKEN } }, 'a JSON Web Token in place of the secret'),
  claude({ headers: { 'anthropic-beta': TOKEN } }, 'a JSON Web Token in the request'),
  claude({ query: 'beta=true' }, 'unexpected query key beta'),
  claude({ body: '[]' }, 'a body that is not a JSON object'),
  claude({ body: '{}' }, 'a body without a model'),
  claude({ body: JSON.stringify({ ...MESSAGE, max_tokens: '1' }) }, 'a body without max_tokens'),
  claude({ body: JSON.stringify({ ...MESSAGE, messages: [] }) }, 'a body without messages'),
  claude({ body: JSON.stringify({ ...MESSAGE, stream: 'yes' }) }, 'stream is not a boolean'),
  claude(
    { body: JSON.stringify({ ...MESSAGE, metadata: { user_id: TOKEN } }) },
    'a JSON Web Token in the body',
  ),
  ['asr', 'transcribe', { query: 'lang=auto' }, 'query key lang has another form'],
  ['asr', 'transcribe', { query: 'token=abc' }, 'unexpected query key token'],
  ['asr', 'transcribe', { headers: { 'content-type': 'application/json' } }, NO_TYPE],
  ['asr', 'transcribe', { body: '--cut--\r\n' }, 'a form without exactly one file'],
];

test.for(ROWS)('finds in a call of %s %s: %o: %s', async ([vendor, service, change, violation], context) => {
  const mock = await startMockOf(context, vendor);
  const response = await fetchCase(mock, changed(caseOf(vendor, service), change));
  expect([400, 401]).toContain(response.status);
  expect(mock.violations).toContainEqual(expect.stringMatching(new RegExp(`^call 1: ${violation}`)));
  expect(JSON.stringify(mock.violations)).not.toContain(MOCK_SECRET);
});

test('goes on after violations that are only recorded', async (context) => {
  const mock = await startMockOf(context, 'claude', { onViolation: 'record' });
  const response = await fetchCase(mock, changed(caseOf('claude', 'messages'), { query: 'beta=true' }));
  expect([response.status, mock.violations]).toEqual([200, ['call 1: unexpected query key beta']]);
});

test('takes what is allowed on top, also by the beginning of a name', async (context) => {
  const mock = await startMockOf(context, 'claude', {
    allow: { headers: ['x-stainless-*'], queryKeys: ['beta'] },
  });
  const headers = { 'x-stainless-lang': 'js', 'x-stainless-os': 'Linux' };
  const response = await fetchCase(
    mock,
    changed(caseOf('claude', 'messages'), { headers, query: 'beta=true' }),
  );
  expect(response.status).toBe(200);
  mock.expectNoViolations();
});

test('names an unknown path, and an upgrade where there is none', async (context) => {
  const mock = await startMockOf(context, 'claude');
  const { headers } = caseOf('claude', 'messages');
  await fetch(`${mock.url}/v1/models`, { headers });
  await fetch(`${mock.url}/v1/messages`, { headers });
  expect(mock.violations).toContain('call 1: an unknown path');
  expect(mock.violations).toContain('call 2: the method is not POST');
});
