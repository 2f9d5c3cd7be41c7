import { describe, expect, it } from 'vitest';
import { ConfigError, createVoiceProxy } from '../index.ts';
import { USAGE } from './arguments.ts';
import { readServeConfig, type Environment, type ServeConfig } from './config.ts';

const KEY = 'a-provider-key-0123456789';
const TENANT = '11111111-2222-3333-4444-555555555555';
const base: Environment = { JWT_SECRET: 'a-signing-secret-of-32-bytes-or-more' };
const voiceLive: Environment = { AZURE_VOICE_LIVE_API_KEY: KEY, AZURE_VOICE_LIVE_RESOURCE: 'my-resource' };
const openAi: Environment = {
  AZURE_OPENAI_API_KEY: KEY,
  AZURE_OPENAI_RESOURCE: 'my-resource',
  AZURE_OPENAI_DEPLOYMENTS: 'one, two',
};
const users: Environment = {
  AUTH: 'entra',
  ENTRA_TENANT_ID: TENANT,
  AZURE_VOICE_LIVE_PASS_USER_TOKENS: 'true',
  AZURE_VOICE_LIVE_RESOURCE: 'my-resource',
};
const socket: Environment = { ASR_SOCKET_URL: 'wss://hidden.test/transcribe' };
const upload: Environment = { ASR_UPLOAD_URL: 'https://hidden.test/transcribe' };

const read = (env: Environment): ServeConfig => readServeConfig({ ...base, ...env });

function routeOf(env: Environment, path: string): object {
  const route = read(env).proxy.routes[path];
  if (!route) throw new Error(`nothing is served at ${path}`);
  return route;
}

function errorOf(env: Environment): ConfigError {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const VOICE_LIVE_PATHS = ['/ws', '/voice-live/realtime'];
const OPEN_AI_PATHS = ['/openai/v1/realtime', '/v1/realtime', '/openai/realtime'];

describe('readServeConfig, of other providers,', () => {
  it.each([
    { title: 'a key of Azure Voice Live', env: voiceLive, paths: VOICE_LIVE_PATHS },
    { title: 'tokens of its users', env: users, paths: VOICE_LIVE_PATHS },
    { title: 'Azure OpenAI', env: openAi, paths: OPEN_AI_PATHS },
    {
      title: 'nothing of what is turned off',
      env: { DEEPGRAM_API_KEY: KEY, AZURE_VOICE_LIVE_PASS_USER_TOKENS: 'false' },
      paths: ['/deepgram-proxy'],
    },
    { title: 'a recogniser', env: socket, paths: ['/ws/asr'] },
    {
      title: 'all of them',
      env: { ...upload, ...socket, ...openAi, ...voiceLive, DEEPGRAM_API_KEY: KEY },
      paths: [
        ...['/deepgram-proxy', ...VOICE_LIVE_PATHS, ...OPEN_AI_PATHS],
        ...['/ws/asr', '/api/v1/asr/transcribe'],
      ],
    },
  ])('serves $title, in options that createVoiceProxy takes', ({ env, paths }) => {
    const { proxy } = read(env);
    expect(Object.keys(proxy.routes).toSorted()).toEqual(paths.toSorted());
    expect(createVoiceProxy({ ...proxy, logger: false }).sessions).toBe(0);
  });

  it('reads every variable of Azure Voice Live', () => {
    const env = {
      ...{ ...users, AZURE_VOICE_LIVE_URL: 'wss://own.test/live', AZURE_VOICE_LIVE_MODELS: 'gpt-a,gpt-b' },
      ...{ AZURE_VOICE_LIVE_AGENT_ID: 'mine', AZURE_VOICE_LIVE_AGENT_PROJECT: 'ours' },
      ...{ AZURE_VOICE_LIVE_NAMED_AGENT: 'named', AZURE_VOICE_LIVE_NAMED_AGENT_PROJECT: 'theirs' },
      AZURE_VOICE_LIVE_API_VERSION: '2026-07-15',
      AZURE_VOICE_LIVE_KEY_IN: 'query',
    };
    const version = { 'api-version': '2026-07-15' };
    const agent = { 'agent-id': 'mine', 'agent-project-name': 'ours', ...version };
    expect(routeOf(env, '/ws')).toMatchObject({
      passesTokens: true,
      listed: { model: ['gpt-a', 'gpt-b'] },
      preset: {
        endpoints: {
          standard: { url: 'wss://own.test/live', query: { defaultEach: version } },
          agent: { query: { defaultEach: agent } },
          namedAgent: { query: { defaultEach: { 'agent-name': 'named', 'agent-project-name': 'theirs' } } },
        },
        upstreamAuth: { in: 'query', name: 'api-key' },
      },
    });
  });

  it('reads every variable of Azure OpenAI', () => {
    const names = ['one', 'two'];
    const named = routeOf(openAi, '/v1/realtime');
    expect(named).toMatchObject({ listed: { model: names, deployment: names } });
    expect(JSON.stringify(named)).toMatch(/wss:\/\/my-resource\./);
    const placed = { ...openAi, AZURE_OPENAI_RESOURCE: '', AZURE_OPENAI_URL: 'wss://own.test/realtime' };
    const own = { url: 'wss://own.test/realtime' };
    expect(routeOf(placed, '/v1/realtime')).toMatchObject({
      preset: { endpoints: { realtime: own, preview: own } },
    });
    const preview = { url: 'wss://own.test/preview' };
    expect(routeOf({ ...placed, AZURE_OPENAI_PREVIEW_URL: preview.url }, '/v1/realtime')).toMatchObject({
      preset: { endpoints: { realtime: own, preview } },
    });
  });

  it('reads the longest recording', () => {
    const limits = { ASR_SOCKET_MAX_BYTES: '1000', ASR_SOCKET_LONGEST_SESSION_MS: '5000' };
    expect(routeOf({ ...socket, ...limits }, '/ws/asr')).toMatchObject({
      preset: { limits: { maxMessageBytes: 1_000, longestMs: 5_000 } },
    });
    const route = routeOf({ ...upload, ASR_UPLOAD_MAX_BYTES: '1000' }, '/api/v1/asr/transcribe');
    expect((route as { body: { maxBytes: number } }).body.maxBytes).toBeGreaterThan(1_000);
    expect((route as { body: { maxBytes: number } }).body.maxBytes).toBeLessThan(100_000);
  });

  it('lets users of a directory in, and names it', () => {
    const { auth } = read({ ...users, ENTRA_AUDIENCES: 'api://a', ENTRA_CLIENT_IDS: TENANT }).proxy;
    expect(auth).toMatchObject({ title: `entra (${TENANT})`, letsTokensPass: true });
  });

  it('leaves the check of tokens to Azure, and lets users in without any, when told', async () => {
    const env = { ...users, AUTH: 'entra-unchecked', ENTRA_TENANT_ID: '' };
    const open = read({ ...env, AZURE_VOICE_LIVE_API_KEY: KEY, ENTRA_ALLOW_TOKENLESS: 'true' }).proxy;
    expect(await open.auth.authenticate(undefined, 0)).toHaveProperty('principal');
    const { auth } = read(env).proxy;
    expect(await auth.authenticate(undefined, 0)).toHaveProperty('refusal');
    expect(await auth.authenticate('any', 0)).toHaveProperty('principal');
  });

  it('names the settings that begin a route in the help', () => {
    for (const name of Object.keys({ ...voiceLive, ...openAi, ...socket, ...upload }))
      expect(USAGE).toContain(name);
  });
});

const AZURE = 'AZURE_VOICE_LIVE';
const refused: [title: string, env: Environment, name: string, fix: string][] = [
  ['no key', { ...voiceLive, [`${AZURE}_API_KEY`]: '' }, `${AZURE}_API_KEY`, `${AZURE}_API_KEY=`],
  ['no resource', { ...voiceLive, [`${AZURE}_RESOURCE`]: '' }, `${AZURE}_RESOURCE`, `${AZURE}_RESOURCE=`],
  ['a key in quotes', { ...voiceLive, [`${AZURE}_API_KEY`]: `${KEY} x` }, `${AZURE}_API_KEY`, 'Copy the key'],
  ['a host', { ...voiceLive, [`${AZURE}_RESOURCE`]: 'a.test/' }, `${AZURE}_RESOURCE`, 'letters'],
  ['another scheme', { ...voiceLive, [`${AZURE}_URL`]: 'ws://a.test' }, `${AZURE}_URL`, 'Use wss:'],
  ['no models', { ...voiceLive, [`${AZURE}_MODELS`]: ',' }, `${AZURE}_MODELS`, 'list of names'],
  ['a version', { ...voiceLive, [`${AZURE}_API_VERSION`]: '1' }, `${AZURE}_API_VERSION`, '2026-07-15'],
  ['half an agent', { ...users, [`${AZURE}_AGENT_ID`]: 'a' }, `${AZURE}_AGENT_PROJECT`, 'is not set'],
  ['no agent', { ...users, [`${AZURE}_AGENT_PROJECT`]: 'p' }, `${AZURE}_AGENT_ID`, 'is not set'],
  [
    'an agent that is none',
    { ...users, [`${AZURE}_AGENT_ID`]: 'a b', [`${AZURE}_AGENT_PROJECT`]: 'p' },
    `${AZURE}_AGENT_ID`,
    'no name',
  ],
  [
    'tokens of users that nobody checks',
    { ...voiceLive, [`${AZURE}_PASS_USER_TOKENS`]: 'true' },
    `${AZURE}_PASS_USER_TOKENS`,
    'AUTH=entra',
  ],
  [
    'a flag that is none',
    { ...voiceLive, [`${AZURE}_PASS_USER_TOKENS`]: 'yes' },
    `${AZURE}_PASS_USER_TOKENS`,
    'true nor false',
  ],
  ['no key of OpenAI', { ...openAi, AZURE_OPENAI_API_KEY: '' }, 'AZURE_OPENAI_API_KEY', 'is not set'],
  ['no resource of OpenAI', { ...openAi, AZURE_OPENAI_RESOURCE: '' }, 'AZURE_OPENAI_RESOURCE', 'is not set'],
  [
    'no deployments',
    { ...openAi, AZURE_OPENAI_DEPLOYMENTS: '' },
    'AZURE_OPENAI_DEPLOYMENTS',
    'comma-separated',
  ],
  ['odd deployments', { ...openAi, AZURE_OPENAI_DEPLOYMENTS: 'a b' }, 'AZURE_OPENAI_DEPLOYMENTS', 'names'],
  ['no URL of OpenAI', { ...openAi, AZURE_OPENAI_URL: 'a.test' }, 'AZURE_OPENAI_URL', 'wss:'],
  ['no tenant', { ...users, ENTRA_TENANT_ID: '' }, 'ENTRA_TENANT_ID', 'is not set'],
  ['a check that is left out', { ...users, AUTH: 'entra-unchecked' }, 'ENTRA_TENANT_ID', 'Set AUTH=entra'],
  ['another place of the key', { ...voiceLive, [`${AZURE}_KEY_IN`]: 'body' }, `${AZURE}_KEY_IN`, 'header'],
  [
    'half a named agent',
    { ...users, [`${AZURE}_NAMED_AGENT`]: 'a' },
    `${AZURE}_NAMED_AGENT_PROJECT`,
    'is not',
  ],
  ['no preview', { ...openAi, AZURE_OPENAI_PREVIEW_URL: 'a.test' }, 'AZURE_OPENAI_PREVIEW_URL', 'wss:'],
  ['no time', { ...socket, ASR_SOCKET_LONGEST_SESSION_MS: '0' }, 'ASR_SOCKET_LONGEST_SESSION_MS', 'above 0'],
  ['a tenant that is none', { ...users, ENTRA_TENANT_ID: 'common' }, 'ENTRA_TENANT_ID', 'GUID'],
  ['a recogniser in the clear', { ASR_SOCKET_URL: 'ws://hidden.test' }, 'ASR_SOCKET_URL', 'Use wss:'],
  ['an odd key', { ...socket, ASR_SOCKET_KEY: `${KEY} x` }, 'ASR_SOCKET_KEY', 'Copy the key'],
  ['bytes in letters', { ...socket, ASR_SOCKET_MAX_BYTES: '5MB' }, 'ASR_SOCKET_MAX_BYTES', 'in digits'],
  ['no bytes', { ...socket, ASR_SOCKET_MAX_BYTES: '0' }, 'ASR_SOCKET_MAX_BYTES', 'above 0'],
  ['too many bytes', { ...upload, ASR_UPLOAD_MAX_BYTES: '9999999999' }, 'ASR_UPLOAD_MAX_BYTES', '1073741824'],
];

describe('readServeConfig refuses', () => {
  it.each(refused)('%s in one line that names the variable and the fix', (_, env, name, fix) => {
    const error = errorOf(env);
    expect(error.option).toBe(name);
    expect(error.message.startsWith(`${name}: `)).toBe(true);
    expect(error.message).toContain(fix);
    expect(error.message).not.toContain('\n');
    for (const hidden of [KEY, 'hidden.test']) expect(error.message).not.toContain(hidden);
  });
});
