import { expect, test } from 'vitest';
import {
  azureVoiceLive,
  createVoiceProxy,
  entra,
  jwt,
  mount,
  none,
  uncheckedEntra,
  type AzureVoiceLiveOptions,
  type Authenticator,
} from '../../src/index.ts';
import { CLOSE_ROWS } from '../../src/contract/index.ts';
import { AZURE_VERSIONS, AZURE_VOICE_LIVE } from '../../src/upstream/presets/azure-voice-live.ts';
import { ENTRA_KEYS, entraToken, TENANT } from '../support/entra-token.ts';
import { JWT_SECRET, makeToken } from '../support/make-token.ts';
import { type RawUpstream, startRawUpstream, switchingTo } from '../support/raw-upstream.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient, type WsClientOptions } from '../support/ws-client.ts';

const KEY = 'the-key-of-the-resource-0123456789';
const audiencesOf = (service: string): readonly string[] =>
  AZURE_VOICE_LIVE.endpoints[service]?.userToken?.audiences ?? [];
const forModels = (): string => entraToken({ audience: audiencesOf('standard')[0] ?? '' });
const forAgents = (): string => entraToken({ audience: audiencesOf('agent')[0] ?? '' });
const forOthers = (): string => entraToken({ audience: 'https://management.test' });
const checked = (more: object = {}): Authenticator => entra({ tenantId: TENANT, jwks: ENTRA_KEYS, ...more });

interface Rig {
  readonly upstream: RawUpstream;
  ask(target: string, options?: WsClientOptions): Promise<WsClient>;
}

async function start(
  context: TestCleanup,
  auth: Authenticator,
  options: Partial<AzureVoiceLiveOptions> = {},
): Promise<Rig> {
  const upstream = await startRawUpstream(context, {
    onRequest(socket, request) {
      socket.on('data', () => socket.end());
      socket.write(switchingTo(request));
    },
  });
  const url = `ws://127.0.0.1:${upstream.port}/voice-live/realtime`;
  const route = azureVoiceLive({ url, apiKey: KEY, ...options });
  const proxy = createVoiceProxy({ auth, routes: { '/ws': route, ...mount('', route) }, logger: false });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  return { upstream, ask: (target, more) => openWs(context, `ws://127.0.0.1:${port}${target}`, more) };
}

interface Sent {
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: string;
}

function sentTo({ requests }: RawUpstream): Sent {
  expect(requests).toHaveLength(1);
  const [line = '', ...headers] = (requests[0] ?? '').split('\r\n');
  const url = new URL(line.split(' ')[1] ?? '', 'http://upstream');
  const query = [...url.searchParams];
  expect(new Set(query.map(([name]) => name)).size, 'each parameter once').toBe(query.length);
  return { path: url.pathname, query: Object.fromEntries(query), headers: headers.join('\n').toLowerCase() };
}

const { realtime, named, call } = AZURE_VERSIONS;
const project = { 'agent-project-name': 'p' };

const byKey: [asked: string, path: string, query: Record<string, string>][] = [
  ['/ws', '', { model: 'gpt-realtime', 'api-version': realtime }],
  ['/ws?mode=standard&model=gpt-4o', '', { model: 'gpt-4o', 'api-version': realtime }],
  ['/ws?mode=standard&agentId=a&projectName=p', '', { model: 'gpt-realtime', 'api-version': realtime }],
  ['/ws?model=gpt-4o&agentId=&projectName=', '', { model: 'gpt-4o', 'api-version': realtime }],
  ['/ws?model=&agentName=', '', { model: 'gpt-realtime', 'api-version': realtime }],
  [
    '/ws?model=gpt-realtime&apiVersion=2026-07-15',
    '',
    { model: 'gpt-realtime', 'api-version': '2026-07-15' },
  ],
  ['/ws?model=gpt-realtime&transport=webrtc', '/calls', { model: 'gpt-realtime', 'api-version': call }],
  ['/ws?model=gpt-realtime&traceId=1', '', { model: 'gpt-realtime', 'api-version': realtime }],
  [
    '/voice-live/realtime?api-version=2026-07-15&model=gpt-realtime&client-request-id=1',
    '',
    { 'api-version': '2026-07-15', model: 'gpt-realtime', 'client-request-id': '1' },
  ],
];

test.for(byKey)('dials by key what %s asks for', async ([asked, path, query], context) => {
  const { upstream, ask } = await start(context, none());
  await ask(asked);
  const sent = sentTo(upstream);
  expect(sent).toMatchObject({ path: `/voice-live/realtime${path}`, query });
  expect(Object.keys(sent.query)).toHaveLength(Object.keys(query).length);
  expect(sent.headers).toContain(`api-key: ${KEY}`);
  expect(sent.headers).not.toContain('authorization');
});

const byAgent: [asked: string, path: string, query: Record<string, string>][] = [
  ['/ws?mode=agent', '', { 'agent-id': 'mine', 'agent-project-name': 'ours', 'api-version': realtime }],
  ['/ws?mode=agent&agentId=a&projectName=p', '', { 'agent-id': 'a', ...project, 'api-version': realtime }],
  ['/ws?agentId=a&projectName=p', '', { 'agent-id': 'a', ...project, 'api-version': realtime }],
  ['/ws?agentName=n&projectName=p', '', { 'agent-name': 'n', ...project, 'api-version': named }],
  [
    '/ws?mode=standard&agentName=n&projectName=p',
    '',
    { 'agent-name': 'n', ...project, 'api-version': named },
  ],
  [
    '/ws?agentName=n&projectName=p&conversationId=c&agentVersion=2&agentAuthenticationIdentityClientId=i',
    '',
    {
      ...{ 'agent-name': 'n', ...project, 'conversation-id': 'c', 'agent-version': '2' },
      ...{ 'agent-authentication-identity-client-id': 'i', 'api-version': named },
    },
  ],
  [
    '/ws?agentName=n&projectName=p&transport=webrtc',
    '/calls',
    { 'agent-name': 'n', ...project, 'api-version': call },
  ],
  [
    '/voice-live/realtime?api-version=2026-07-15&agent-name=n&agent-project-name=p',
    '',
    { 'api-version': '2026-07-15', 'agent-name': 'n', ...project },
  ],
];

test.for(byAgent)(
  'dials with the token of the user what %s asks for',
  async ([asked, path, query], context) => {
    const { upstream, ask } = await start(context, checked(), {
      passUserTokens: true,
      agent: { id: 'mine', project: 'ours' },
    });
    const token = forAgents();
    await ask(`${asked}&token=${token}`);
    const sent = sentTo(upstream);
    const { 'agent-access-token': access, ...rest } = sent.query;
    expect({ path: sent.path, query: rest }).toEqual({ path: `/voice-live/realtime${path}`, query });
    expect(access).toBe('agent-id' in query ? token : undefined);
    expect(sent.headers).toContain(`authorization: bearer ${token.toLowerCase()}`);
    expectNoSecret(KEY, upstream.requests, 'what the upstream sees beside a token');
  },
);

const slots: [
  where: string,
  target: (token: string) => string,
  headers?: (token: string) => Record<string, string>,
][] = [
  ['?token=', (token) => `/ws?token=${token}`],
  ['authorization=Bearer%20', (token) => `/voice-live/realtime?authorization=Bearer%20${token}`],
  ['authorization=Bearer+', (token) => `/voice-live/realtime?authorization=Bearer+${token}`],
  ['api-key=', (token) => `/voice-live/realtime?api-key=${token}`],
  ['the api-key header', () => '/voice-live/realtime', (token) => ({ 'api-key': token })],
  ['the Authorization header', () => '/ws', (token) => ({ Authorization: `Bearer ${token}` })],
];

test.for(slots)('finds a user token in %s and passes it on', async ([, target, headers], context) => {
  const { upstream, ask } = await start(context, checked(), { passUserTokens: true });
  const token = forModels();
  await ask(target(token), headers ? { headers: headers(token) } : {});
  const { query, headers: sent } = sentTo(upstream);
  expect(Object.keys(query).toSorted()).toEqual(['api-version', 'model']);
  expect(sent).toContain(`authorization: bearer ${token.toLowerCase()}`);
  expect(sent).not.toContain('api-key');
});

test('takes tokens of both scopes of Azure for a model, also that of agents', async (context) => {
  const audiences = audiencesOf('standard');
  expect([audiences.length, audiences.includes(audiencesOf('agent')[0] ?? '')]).toEqual([2, true]);
  for (const audience of audiences) {
    const { upstream, ask } = await start(context, checked(), { passUserTokens: true });
    const token = entraToken({ audience });
    await ask(`/ws?model=gpt-realtime&token=${token}`);
    expect(sentTo(upstream).headers).toContain(`authorization: bearer ${token.toLowerCase()}`);
  }
});

test.for<[target: string, path: string, query: Record<string, string>]>([
  ['/ws', '', { 'agent-name': 'mine', 'api-version': named }],
  ['/ws?transport=webrtc', '/calls', { 'agent-name': 'mine', 'api-version': call }],
  ['/ws?transport=webrtc&model=gpt-4o', '/calls', { model: 'gpt-4o', 'api-version': call }],
])('has who asks for %s talk to whom the operator named', async ([target, path, query], context) => {
  const namedAgent = { name: 'mine', project: 'p' };
  const { upstream, ask } = await start(context, checked(), { passUserTokens: true, namedAgent });
  await ask(`${target}${target.includes('?') ? '&' : '?'}token=${forAgents()}`);
  expect(sentTo(upstream)).toMatchObject({ path: `/voice-live/realtime${path}`, query });
});

test('gives who names no model the first of the operator’s own', async (context) => {
  const { upstream, ask } = await start(context, none(), { models: ['gpt-4o*', 'gpt-4.1', 'gpt-5'] });
  await ask('/ws');
  expect(sentTo(upstream).query).toMatchObject({ model: 'gpt-4.1' });
});

test('puts back the plus signs of a token that arrives with spaces', async (context) => {
  const { upstream, ask } = await start(context, uncheckedEntra(), { passUserTokens: true });
  await ask('/ws?token=a%20b+c');
  expect(sentTo(upstream).headers).toContain('authorization: bearer a+b+c');
});

test('uses the key for clients without a token, where that is allowed', async (context) => {
  const { upstream, ask } = await start(context, checked({ allowTokenless: true }), { passUserTokens: true });
  await ask('/ws');
  expect(sentTo(upstream).headers).toContain(`api-key: ${KEY}`);
});

test('puts the key into the query only where that is asked for', async (context) => {
  const { upstream, ask } = await start(context, none(), { keyIn: 'query' });
  await ask('/ws');
  expect(sentTo(upstream).query['api-key']).toBe(KEY);
});

test('passes no token of the application, and uses the key', async (context) => {
  const { upstream, ask } = await start(context, jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }));
  const token = makeToken();
  await ask(`/ws?token=${token}`);
  expect(sentTo(upstream).headers).toContain(`api-key: ${KEY}`);
  expectNoSecret(token, upstream.requests, 'the request');
});

const NO_TOKEN = 'Agent mode requires token parameter (MSAL)';
const NO_IDS = 'Agent mode requires agentId and projectName';
const NO_PROOF = 'Standard mode requires either token parameter (MSAL) or AZURE_SPEECH_KEY in .env';

const byUsers = [checked, { passUserTokens: true }] as const;

const refusals: [
  what: string,
  auth: () => Authenticator,
  more: object,
  target: () => string,
  row: keyof typeof CLOSE_ROWS,
  said?: string,
][] = [
  ['an agent without a token', ...byUsers, () => '/ws?mode=agent', 'AuthRequired', NO_TOKEN],
  ['an agent by key', none, {}, () => '/ws?mode=agent&agentId=a&projectName=p', 'PolicyViolation', NO_TOKEN],
  [
    'an agent where no token is passed',
    none,
    {},
    () => '/ws?agentName=n&projectName=p&token=x',
    'PolicyViolation',
    NO_TOKEN,
  ],
  [
    'an agent without an id',
    ...byUsers,
    () => `/ws?mode=agent&projectName=p&token=${forAgents()}`,
    'BadRequest',
    NO_IDS,
  ],
  [
    'half an agent without a mode',
    ...byUsers,
    () => `/ws?projectName=p&token=${forAgents()}`,
    'BadRequest',
    NO_IDS,
  ],
  [
    'a call to an agent by id',
    ...byUsers,
    () => `/ws?transport=webrtc&agentId=a&projectName=p&token=${forAgents()}`,
    'BadRequest',
    'Agent mode requires agentName and projectName',
  ],
  [
    'a call to an agent that is not named',
    ...byUsers,
    () => `/ws?transport=webrtc&mode=agent&token=${forAgents()}`,
    'BadRequest',
    'Agent mode requires agentName and projectName',
  ],
  ['no model, where there is none to take', none, { models: ['gpt-4o*'] }, () => '/ws', 'BadRequest'],
  [
    'two agents',
    ...byUsers,
    () => `/ws?agentId=a&agent-id=b&projectName=p&token=${forAgents()}`,
    'BadRequest',
    NO_IDS,
  ],
  [
    'neither key nor token',
    () => checked({ allowTokenless: true }),
    { passUserTokens: true, apiKey: undefined },
    () => '/ws',
    'AuthRequired',
    NO_PROOF,
  ],
  ['a token for neither, for a model', ...byUsers, () => `/ws?token=${forOthers()}`, 'AuthInvalid'],
  [
    'a token for models, for an agent',
    ...byUsers,
    () => `/ws?agentId=a&projectName=p&token=${forModels()}`,
    'AuthInvalid',
  ],
  ['another resource', none, {}, () => '/ws?foundryResourceOverride=evil', 'PolicyViolation'],
  [
    'another resource, spelt otherwise',
    none,
    {},
    () => '/ws?Foundry%2Dresource-override=evil',
    'PolicyViolation',
  ],
  ['an access token of its own', none, {}, () => '/ws?agent-access-token=x', 'PolicyViolation'],
  ['a parameter in a model', none, {}, () => '/ws?model=gpt-x%26agent-id%3D1', 'PolicyViolation'],
  ['a model that is not listed', none, {}, () => '/ws?model=other', 'PolicyViolation'],
  ['a version that is none', none, {}, () => '/ws?apiVersion=2026-07-15%26x', 'PolicyViolation'],
];

test.for(refusals)(
  'refuses %s before anything is dialled',
  async ([, auth, more, target, row, said], context) => {
    const { upstream, ask } = await start(context, auth(), more);
    const client = await ask(target());
    const frame = JSON.parse((await client.waitForFrame()).payload.toString()) as {
      type: string;
      error: object;
    };
    expect(frame).toMatchObject({ type: 'error', error: { code: CLOSE_ROWS[row].word } });
    if (said !== undefined) expect(frame.error).toMatchObject({ message: said });
    expect(await client.waitForClose()).toEqual({ code: CLOSE_ROWS[row].code, reason: CLOSE_ROWS[row].word });
    expect(upstream.connections).toHaveLength(0);
  },
);

test('tells a user whose token Azure refuses that it is the token', async (context) => {
  const upstream = await startRawUpstream(context, {
    onRequest: (socket) => socket.end('HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n'),
  });
  const route = azureVoiceLive({ url: `ws://127.0.0.1:${upstream.port}/v`, passUserTokens: true });
  const proxy = createVoiceProxy({ auth: uncheckedEntra(), routes: { '/ws': route }, logger: false });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  const client = await openWs(context, `ws://127.0.0.1:${port}/ws?token=not-what-it-should-be`);
  const { code, word } = CLOSE_ROWS.AuthInvalid;
  expect(await client.waitForClose()).toEqual({ code, reason: word });
});

test.for([
  [
    'auth',
    () =>
      createVoiceProxy({
        auth: none(),
        routes: { '/ws': azureVoiceLive({ resource: 'r', passUserTokens: true }) },
      }),
  ],
  ['azureVoiceLive().apiKey', () => azureVoiceLive({ resource: 'r' })],
  ['azureVoiceLive().values.resource', () => azureVoiceLive({ apiKey: KEY })],
  ['azureVoiceLive().values.resource', () => azureVoiceLive({ apiKey: KEY, resource: 'a@evil.test/' })],
  ['azureVoiceLive().apiVersion', () => azureVoiceLive({ resource: 'r', apiKey: KEY, apiVersion: '1&x' })],
  [
    'azureVoiceLive().agent',
    () => azureVoiceLive({ resource: 'r', apiKey: KEY, agent: { id: 'a b', project: 'p' } }),
  ],
] as const)('does not start with %s that cannot work', ([option, make]) => {
  expect(make).toThrow(expect.objectContaining({ name: 'ConfigError', option }));
});

test('says at its root what clients may ask for, and nothing of the operator', async (context) => {
  const route = azureVoiceLive({ resource: 'my-resource', apiKey: KEY });
  const proxy = createVoiceProxy({ auth: none(), routes: { '/ws': route }, logger: false });
  context.onTestFinished(() => proxy.close());
  const { url } = await proxy.listen();
  const text = await (await fetch(url)).text();
  expect(JSON.parse(text)).toMatchObject({
    version: expect.any(String),
    websocket: ['/ws'],
    routes: {
      '/ws': {
        provider: 'Azure Voice Live',
        parameters: expect.arrayContaining([
          'mode',
          'model',
          'agentId',
          'projectName',
          'agentName',
          'apiVersion',
        ]),
        apiVersions: [realtime, named, call],
      },
    },
  });
  expectNoSecret('my-resource', text, 'the answer');
  expect((await fetch(`${url}/health`)).status).toBe(200);
});
