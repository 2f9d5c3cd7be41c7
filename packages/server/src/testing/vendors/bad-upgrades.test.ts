import { expect, test } from 'vitest';
import { dialCase, SOCKET_CASES, type SocketCase, startMockOf } from '../../../test/support/mock-cases.ts';
import { MOCK_SECRET } from '../../../test/support/start-mock.ts';
import type { VendorName } from './index.ts';

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJlLW9mLWFsaWNl';
const BEARER = { authorization: `Bearer ${MOCK_SECRET}` };
const AGENT = 'api-version=2025-10-01&agent-name=a&agent-project-name=p';

function caseOf(vendor: VendorName, service: string): SocketCase {
  const found = SOCKET_CASES.find((the) => the.vendor === vendor && the.service === service);
  if (!found) throw new Error(`no case for ${vendor} ${service}`);
  return found;
}

type Row = readonly [VendorName, string, Partial<SocketCase>, violation: string];

const ROWS: readonly Row[] = [
  ['deepgram', 'listen', { query: 'callback=http%3A%2F%2Fevil.example' }, 'unexpected query key callback'],
  ['deepgram', 'listenV2', { query: '' }, 'the query lacks model'],
  ['deepgram', 'listenV2', { query: 'model=a&model=b' }, 'query key model stands more than once'],
  [
    'deepgram',
    'speak',
    { protocols: ['token', MOCK_SECRET, 'chat'] },
    'there is not exactly the subprotocols',
  ],
  ['azureVoiceLive', 'realtime', { query: 'model=gpt-realtime' }, 'the query lacks api-version and model'],
  [
    'azureVoiceLive',
    'realtime',
    { query: 'api-version=latest&model=m' },
    'query key api-version has another',
  ],
  ['azureVoiceLive', 'realtime', { query: `${AGENT}&model=m`, headers: BEARER }, 'the query mixes'],
  ['azureVoiceLive', 'realtime', { query: AGENT }, 'an agent without a bearer token'],
  [
    ...(['azureVoiceLive', 'realtime'] as const),
    { query: `${AGENT}&foundry-resource-override=mine`, headers: BEARER },
    'unexpected query key foundry-resource-override',
  ],
  [
    ...(['azureVoiceLive', 'realtime'] as const),
    { query: `${AGENT}&agent-access-token=another`, headers: BEARER },
    'agent-access-token is another token than the bearer',
  ],
  [
    ...(['azureVoiceLive', 'realtime'] as const),
    { headers: { ...BEARER, 'api-key': MOCK_SECRET } },
    '2 credentials',
  ],
  [
    ...(['azureVoiceLive', 'realtime'] as const),
    { query: 'api-version=2025-10-01&model=m&api-key=abc' },
    'unexpected query key api-key',
  ],
  [
    'azureVoiceLive',
    'calls',
    { headers: {} },
    'there is not exactly one api-key header, or one Authorization',
  ],
  ['azureVoiceLive', 'realtime', { protocols: ['realtime'] }, 'unexpected header sec-websocket-protocol'],
  ['azureOpenai', 'realtime', { query: 'model=m&deployment=d' }, 'unexpected query key deployment'],
  [
    'azureOpenai',
    'realtimeByVersion',
    { query: 'deployment=d' },
    'the query lacks api-version and deployment',
  ],
  ['openai', 'realtime', { query: 'model=m&call_id=c' }, 'the query mixes model, or intent, or call_id'],
  ['openai', 'realtime', { query: 'intent=other' }, 'query key intent has another form'],
  ['openai', 'realtime', { query: `model=m&token=${TOKEN}` }, 'unexpected query key token'],
  [
    ...(['openai', 'realtime'] as const),
    { headers: { ...BEARER, 'openai-beta': 'realtime=v1' } },
    'unexpected header openai-beta',
  ],
  ['openai', 'realtime', { protocols: ['openai-beta.realtime-v1'] }, 'an unexpected subprotocol'],
  ['openai', 'realtime', { headers: { authorization: `Bearer ${TOKEN}` } }, 'a JSON Web Token in place of'],
  ['openai', 'realtime', { headers: { ...BEARER, cookie: 'a=b' } }, 'unexpected header cookie'],
  ['elevenlabs', 'conversation', { query: '' }, 'the query lacks agent_id'],
  ['elevenlabs', 'conversation', { protocols: ['convai', 'bearer.abc'] }, '2 credentials'],
  ['asr', 'recognise', { query: 'token=abc' }, 'unexpected query key token'],
];

test.for(ROWS)(
  'finds in an upgrade to %s %s: %o: %s',
  async ([vendor, service, change, violation], context) => {
    const mock = await startMockOf(context, vendor);
    await expect(dialCase(context, mock, { ...caseOf(vendor, service), ...change })).rejects.toThrow(
      /HTTP 40[01]/,
    );
    expect(mock.violations).toContainEqual(expect.stringContaining(`dial 1: ${violation}`));
    expect(JSON.stringify(mock.violations)).not.toContain(MOCK_SECRET);
  },
);

const text = (message: object): string => JSON.stringify(message);

const FRAME_ROWS: readonly (readonly [VendorName, string, readonly (string | Buffer)[], string])[] = [
  ['deepgram', 'speak', [Buffer.alloc(2)], 'a binary frame, where the vendor takes only text'],
  [
    'deepgram',
    'listenV2',
    [text({ type: 'KeepAlive' })],
    'the first message is not Configure or CloseStream',
  ],
  ['azureVoiceLive', 'realtime', [text({ type: 'Settings' })], 'the first message is not session.update'],
  ['azureOpenai', 'realtime', ['hello'], 'the first frame is not a JSON message with a type'],
  [
    ...(['openai', 'realtime'] as const),
    [text({ type: 'session.update' }), Buffer.alloc(2)],
    'a binary frame, where the vendor takes only text',
  ],
  ['openai', 'realtime', [text({ type: 'session.update', key: TOKEN })], 'a JSON Web Token in a message'],
  [
    'elevenlabs',
    'conversation',
    [text({ type: 'ping' })],
    'the first message is not conversation_initiation',
  ],
  ['asr', 'recognise', [Buffer.alloc(2)], 'the first frame is binary instead of meta'],
  ['asr', 'recognise', [text({ type: 'done' })], 'the first message is not meta'],
  ['asr', 'recognise', [text({ type: 'meta' }), text({ type: 'meta' })], 'the recording is not binary'],
  [
    ...(['asr', 'recognise'] as const),
    [text({ type: 'meta' }), Buffer.alloc(2), Buffer.alloc(2)],
    'a message after the recording',
  ],
];

test.for(FRAME_ROWS)(
  'ends a session of %s %s for %o: %s',
  async ([vendor, service, frames, violation], context) => {
    const mock = await startMockOf(context, vendor);
    const client = await dialCase(context, mock, caseOf(vendor, service));
    for (const frame of frames) client.send(frame);
    expect((await client.waitForClose()).reason).toBe('mock violation');
    expect(mock.violations).toEqual([expect.stringContaining(`dial 1: ${violation}`)]);
  },
);

test('finds the token of a user in any form, also where the secret is right', async (context) => {
  const mock = await startMockOf(context, 'openai', { userTokens: ['alice: session=1'] });
  const the = caseOf('openai', 'realtime');
  const query = 'model=alice%3A%20session%3D1';
  await expect(dialCase(context, mock, { ...the, query })).rejects.toThrow('HTTP 400');
  const client = await dialCase(context, mock, the);
  const hidden = Buffer.from('alice: session=1').toString('base64');
  client.send(text({ type: 'session.update', hidden }));
  await client.waitForClose();
  expect(mock.violations).toEqual([
    'dial 1: the token of a user in the request',
    'dial 2: the token of a user in a message',
  ]);
});
