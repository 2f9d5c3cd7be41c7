import { expect, test, type TestContext } from 'vitest';
import { findSecret } from '../../../test/support/secret-search.ts';
import { startMockOf, typeOf } from '../../../test/support/mock-cases.ts';
import { MOCK_SECRET } from '../../../test/support/start-mock.ts';
import { openWs, type WsClient } from '../../../test/support/ws-client.ts';
import type { MockOf } from '../mock-upstream.ts';

type Fields = Readonly<Record<string, unknown>>;

const BEARER = { authorization: `Bearer ${MOCK_SECRET}` };
const JSON_TYPE = { 'content-type': 'application/json' };

interface Opened {
  readonly mock: MockOf<'azureVoiceLive'>;
  readonly client: WsClient;
}

async function openVoiceLive(context: TestContext, headers: Record<string, string>): Promise<Opened> {
  const mock = await startMockOf(context, 'azureVoiceLive', { bearer: 'token-of-alice' });
  context.onTestFinished(() => mock.expectNoViolations());
  const url = `${mock.urls.realtime}?api-version=2026-07-15&model=gpt-realtime`;
  return { mock, client: await openWs(context, url, { headers }) };
}

const send = (client: WsClient, type: string, fields: object = {}): void =>
  client.send(JSON.stringify({ type, ...fields }));

async function waitFor(client: WsClient, type: string): Promise<Fields> {
  const frame = await client.waitForFrame((one) => typeOf(one) === type);
  return JSON.parse(String(frame.payload)) as Fields;
}

test.for([
  ['api-key', { 'api-key': MOCK_SECRET }],
  ['bearer', { authorization: 'Bearer token-of-alice' }],
] as const)('keeps by which slot a session came in: %s', async ([slot, headers], context) => {
  const { mock, client } = await openVoiceLive(context, headers);
  expect(await waitFor(client, 'session.created')).toHaveProperty('session.id', 'mock-session-1');
  expect(mock.requests.map((request) => request.slot)).toEqual([slot]);
});

test('takes agents by their older and newer names, for a bearer only', async (context) => {
  const mock = await startMockOf(context, 'azureVoiceLive', { bearer: 'token-of-alice' });
  const headers = { authorization: 'Bearer token-of-alice' };
  const base = `${mock.urls.realtime}?api-version=2025-10-01&agent-project-name=p`;
  await openWs(context, `${base}&agent-name=a&conversation-id=c`, { headers });
  await openWs(context, `${base}&agent-id=a&agent-access-token=token-of-alice`, { headers });
  mock.expectNoViolations();
});

test('tells relay servers for an avatar and answers its description', async (context) => {
  const { client } = await openVoiceLive(context, { 'api-key': MOCK_SECRET });
  send(client, 'session.update', { session: { avatar: { character: 'lisa' } } });
  const updated = await waitFor(client, 'session.updated');
  expect(updated).toHaveProperty('session.avatar.ice_servers.0.urls');
  send(client, 'session.avatar.connect', { client_sdp: 'e30=' });
  const { server_sdp: sdp } = await waitFor(client, 'session.avatar.connecting');
  expect(JSON.parse(Buffer.from(String(sdp), 'base64').toString())).toHaveProperty('type', 'answer');
});

test('tells what a response has used, and keeps the audio whole', async (context) => {
  const { client } = await openVoiceLive(context, { 'api-key': MOCK_SECRET });
  send(client, 'conversation.item.create', { item: { type: 'message', role: 'user', content: [] } });
  send(client, 'response.create');
  const done = await waitFor(client, 'response.done');
  expect(done).toHaveProperty('response.usage.total_tokens', 30);
  const deltas = client.frames.filter((frame) => typeOf(frame) === 'response.audio.delta');
  const audio = deltas.map(({ payload }) =>
    Buffer.from((JSON.parse(String(payload)) as { delta: string }).delta, 'base64'),
  );
  expect(audio).toEqual([1, 2, 3].map((value) => Buffer.alloc(960, value)));
});

test('answers an unknown event with an error that names it', async (context) => {
  const { client } = await openVoiceLive(context, { 'api-key': MOCK_SECRET });
  send(client, 'session.update', { session: {} });
  send(client, 'session.nonsense', { event_id: 'mine' });
  const { error } = await waitFor(client, 'error');
  expect(error).toMatchObject({ code: 'unknown_event', event_id: 'mine', message: expect.any(String) });
});

test.for<[wrong: string, session: unknown, at: string]>([
  ['no object', 'stored', 'session'],
  ['wrong in a member', { type: 'realtime', tools: 'none' }, 'session.tools'],
])('refuses a session that is %s, and changes nothing', async ([, session, at], context) => {
  const { client } = await openVoiceLive(context, { 'api-key': MOCK_SECRET });
  send(client, 'session.update', { session, event_id: 'mine' });
  const { error } = await waitFor(client, 'error');
  expect(error).toMatchObject({
    code: 'invalid_type',
    event_id: 'mine',
    message: expect.stringContaining(at),
  });
  expect(client.frames.map(typeOf)).toEqual(['session.created', 'error']);
});

test('shows an item of the conversation again, and none that is not there', async (context) => {
  const { client } = await openVoiceLive(context, { 'api-key': MOCK_SECRET });
  const item = { id: 'mine', type: 'message', role: 'user', content: [] };
  send(client, 'conversation.item.create', { item });
  send(client, 'conversation.item.retrieve', { item_id: 'mine' });
  expect(await waitFor(client, 'conversation.item.retrieved')).toHaveProperty('item', item);
  send(client, 'conversation.item.delete', { item_id: 'mine' });
  send(client, 'conversation.item.retrieve', { item_id: 'mine', event_id: 'second' });
  const { error } = await waitFor(client, 'error');
  expect(error).toMatchObject({ code: 'item_retrieve_invalid_item_id', event_id: 'second' });
});

test('only transcribes when that is what it was opened for', async (context) => {
  const mock = await startMockOf(context, 'openai', { scenario: { name: 'happyTurn', audioFrames: 1 } });
  const url = `${mock.urls.realtime}?intent=transcription`;
  const client = await openWs(context, url, { headers: BEARER });
  send(client, 'input_audio_buffer.append', { audio: '' });
  send(client, 'response.cancel');
  send(client, 'input_audio_buffer.clear');
  await waitFor(client, 'input_audio_buffer.cleared');
  expect(client.frames.map(typeOf)).toEqual([
    ...['session.created', 'input_audio_buffer.speech_started', 'input_audio_buffer.speech_stopped'],
    ...['input_audio_buffer.committed', 'conversation.item.added'],
    ...['conversation.item.input_audio_transcription.completed', 'input_audio_buffer.cleared'],
  ]);
});

test('takes a secret that it has made for a page, as a page sends it', async (context) => {
  const mock = await startMockOf(context, 'openai');
  const made = await fetch(mock.urls.clientSecrets, {
    ...{ method: 'POST', body: '{}', headers: { ...BEARER, ...JSON_TYPE } },
  });
  const { value } = (await made.json()) as { value: string };
  const protocols = ['realtime', `openai-insecure-api-key.${value}`, 'openai-agents-sdk.0.20.0'];
  const url = `${mock.urls.realtime}?model=gpt-realtime`;
  const client = await openWs(context, url, { protocols, origin: 'http://page.example' });
  expect(client.subprotocol).toBe('realtime');
  expect(mock.requests.map(({ slot }) => slot)).toEqual(['bearer', 'subprotocol']);
  mock.expectNoViolations();
  const stolen = ['realtime', `openai-insecure-api-key.${MOCK_SECRET}`];
  await expect(openWs(context, url, { protocols: stolen })).rejects.toThrow('HTTP 401');
  expect(mock.violations).toEqual(['dial 3: the secret in a slot that does not take it']);
});

test('answers the offer of a call, also from a form, and tells where the call is', async (context) => {
  const mock = await startMockOf(context, 'openai');
  const body = new FormData();
  body.set('sdp', 'v=0\r\n');
  body.set('session', '{"type":"realtime"}');
  const response = await fetch(mock.urls.calls, {
    ...{ method: 'POST', body, headers: BEARER },
  });
  expect([response.status, response.headers.get('location')]).toEqual([
    201,
    '/v1/realtime/calls/mock-call-1',
  ]);
  expect(await response.text()).toMatch(/^v=0\r\n/);
  expect(findSecret(MOCK_SECRET, [...response.headers])).toEqual([]);
  mock.expectNoViolations();
});
