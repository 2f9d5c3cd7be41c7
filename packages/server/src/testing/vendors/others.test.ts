import { expect, test } from 'vitest';
import { startMockOf, typeOf } from '../../../test/support/mock-cases.ts';
import { MOCK_SECRET } from '../../../test/support/start-mock.ts';
import { openWs } from '../../../test/support/ws-client.ts';

const XI = { 'xi-api-key': MOCK_SECRET };
const CLAUDE = {
  ...{ 'x-api-key': MOCK_SECRET, 'anthropic-version': '2026-10-21' },
  'content-type': 'application/json',
};
const MESSAGE = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'Hello' }] };

test('opens a signed address once made, without a key', async (context) => {
  const mock = await startMockOf(context, 'elevenlabs');
  const response = await fetch(`${mock.urls.signedUrl}?agent_id=mine`, { headers: XI });
  const { signed_url: url } = (await response.json()) as { signed_url: string };
  const client = await openWs(context, `${url}&source=js_sdk&version=1`, {
    ...{ protocols: ['convai'], origin: 'http://page.example' },
  });
  expect([client.subprotocol, typeOf(await client.waitForFrame())]).toEqual([
    'convai',
    'conversation_initiation_metadata',
  ]);
  mock.expectNoViolations();
});

test('tells an agent from somebody who answers pings that were never sent', async (context) => {
  const mock = await startMockOf(context, 'elevenlabs');
  const url = `${mock.urls.conversation}?agent_id=mine`;
  const client = await openWs(context, url, { headers: XI });
  client.send('{"type":"pong","event_id":1}');
  client.send('{"type":"pong","event_id":7}');
  client.send('{"type":"user_message","text":"Hello"}');
  const frames = await client.waitForFrames(5);
  expect(frames.map(typeOf).slice(2)).toEqual(['error', 'user_transcript', 'agent_response']);
});

test('streams a message as events with its usage', async (context) => {
  const mock = await startMockOf(context, 'claude');
  const body = JSON.stringify({ ...MESSAGE, stream: true });
  const response = await fetch(mock.urls.messages, { method: 'POST', headers: CLAUDE, body });
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  const events = (await response.text()).trimEnd().split('\n\n');
  expect(events.map((event) => /^event: (\w+)\n/.exec(event)?.[1])).toEqual([
    ...['message_start', 'content_block_start', 'ping', 'content_block_delta', 'content_block_delta'],
    ...['content_block_delta', 'content_block_stop', 'message_delta', 'message_stop'],
  ]);
  const data = events.map((event) => JSON.parse(event.replace(/^.*\ndata: /, '')) as object);
  expect(data[0]).toHaveProperty('message.usage', { input_tokens: 12, output_tokens: 1 });
  expect(data.at(-2)).toHaveProperty('usage', { output_tokens: 3 });
});

test.for([
  [401, 'authentication_error'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [529, 'overloaded_error'],
] as const)('names the error of %i', async ([status, type], context) => {
  const mock = await startMockOf(context, 'claude', { scenario: { name: 'refuse', status } });
  const response = await fetch(mock.urls.messages, {
    ...{ method: 'POST', headers: CLAUDE, body: JSON.stringify(MESSAGE) },
  });
  expect([response.status, await response.json()]).toMatchObject([
    status,
    { type: 'error', error: { type } },
  ]);
});

test('recognises without a credential when that is asked for', async (context) => {
  const mock = await startMockOf(context, 'asr', { auth: 'none' });
  const client = await openWs(context, mock.urls.recognise);
  client.send('{"type":"meta","language":"eng","provider":"mms"}');
  client.send(Buffer.alloc(1_000_000));
  const done = await client.waitForFrame((frame) => typeOf(frame) === 'done');
  expect(JSON.parse(String(done.payload))).toMatchObject({ language: 'eng', provider: 'mms' });
  mock.expectNoViolations();
  const headers = { authorization: `Bearer ${MOCK_SECRET}` };
  const opening = openWs(context, mock.urls.recognise, { headers });
  await expect(opening).rejects.toThrow('HTTP 400');
});

test('takes a file from a form and answers in the words of the seeds', async (context) => {
  const mock = await startMockOf(context, 'asr');
  const body = new FormData();
  body.set('file', new Blob(['sound']), 'audio.wav');
  const headers = { authorization: `Bearer ${MOCK_SECRET}` };
  const response = await fetch(mock.urls.transcribe, { method: 'POST', headers, body });
  const keys = ['text', 'duration_s', 'inference_s', 'lang', 'lid_s'];
  expect(Object.keys((await response.json()) as object)).toEqual(keys);
  mock.setScenario({ name: 'refuse', status: 504 });
  const refused = await fetch(mock.urls.transcribe, { method: 'POST', headers, body });
  expect([refused.status, await refused.json()]).toEqual([504, { detail: expect.any(String) }]);
});

test('grants a token that sessions and calls of Deepgram take', async (context) => {
  const mock = await startMockOf(context, 'deepgram');
  const headers = { authorization: `Token ${MOCK_SECRET}`, 'content-type': 'application/json' };
  const granted = await fetch(mock.urls.grant, { method: 'POST', headers, body: '{}' });
  const { access_token: token, expires_in: seconds } = (await granted.json()) as Record<string, unknown>;
  expect(seconds).toBe(30);
  const client = await openWs(context, mock.urls.agent, { protocols: ['bearer', String(token)] });
  expect(client.subprotocol).toBe('bearer');
  mock.expectNoViolations();
});
