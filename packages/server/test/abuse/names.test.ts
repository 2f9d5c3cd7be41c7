import { expect, test } from 'vitest';
import {
  azureOpenAi,
  createRoute,
  deepgram,
  definePreset,
  elevenLabsAgents,
  mount,
  openAiRealtime,
  websocket,
} from '../../src/index.ts';
import type { Preset, Route } from '../../src/index.ts';
import { expectStartRefused, runAbuseCase } from '../support/abuse-case.ts';
import type { MockUpstream } from '../../src/testing/mock-upstream.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';

const apiKey = MOCK_SECRET;

/** As they stand in a request target. */
const names = [
  '../../v1/projects',
  '..%2f..%2fv1%2fprojects',
  '%252e%252e%252f',
  '@evil.example',
  'name@evil.example:443',
  '%0d%0aHost:%20evil.example',
  'name%00',
  'm'.repeat(300),
  '%e2%80%a4%e2%80%a4%2f',
  '%ef%bc%8e%ef%bc%8e',
  'name%26api-version=1',
  '',
];

const spoken: Preset = definePreset({
  ...websocket({ url: 'wss://up.test/x', apiKey }).preset,
  variables: { voice: { by: 'client' } },
  endpoints: {
    speak: {
      url: 'ws://127.0.0.1:9/speech/{voice}/stream',
      query: {},
      facts: { transport: 'ws', nativePaths: ['/speech/{voice}/stream'], usage: [] },
    },
  },
  choice: { otherwise: 'speak' },
});

interface Place {
  readonly title: string;
  readonly dialect: 'deepgram' | 'openai' | 'plain';
  toRoute(mock: MockUpstream): Route;
  readonly path?: string;
  target(name: string, token: string): string;
}

const inQuery = (query: (name: string) => string) => (name: string, token: string) =>
  `/deepgram-proxy?${query(name)}&token=${token}`;

const places: Place[] = [
  {
    title: 'model of OpenAI',
    toRoute: ({ listenUrl }) => openAiRealtime({ apiKey, url: listenUrl }),
    dialect: 'openai',
    target: inQuery((name) => `model=${name}`),
  },
  {
    title: 'model of OpenAI, behind one that is allowed',
    toRoute: ({ listenUrl }) => openAiRealtime({ apiKey, url: listenUrl }),
    dialect: 'openai',
    target: inQuery((name) => `model=gpt-realtime${name}&m%6fdel=x`),
  },
  {
    title: 'deployment of Azure OpenAI',
    toRoute: ({ listenUrl }) => azureOpenAi({ apiKey, deployments: ['*'], url: listenUrl }),
    dialect: 'openai',
    target: inQuery((name) => `Deployment=${name}&deployment=x&api-version=2025-04-01`),
  },
  {
    title: 'agent of ElevenLabs',
    toRoute: ({ listenUrl }) => elevenLabsAgents({ apiKey, agents: ['*'], url: listenUrl }),
    dialect: 'plain',
    target: inQuery((name) => `agent_id=${name}`),
  },
  {
    title: 'model of Deepgram',
    toRoute: ({ listenUrl }) => deepgram({ apiKey, listenUrl, models: ['*'] }),
    dialect: 'deepgram',
    target: inQuery((name) => `service=transcription&model=${name}`),
  },
];

const cases = places.flatMap((place) => names.map((name) => ({ ...place, name })));

test.for(cases)('refuses $name as $title', async ({ name, target, toRoute, dialect }, context) => {
  await runAbuseCase(context, {
    attacked: { toRoute },
    attack: (bench) => bench.upgrade({ target: target(name, bench.token()) }),
    wire: { told: 'PolicyViolation', dialect },
  });
});

const segments = names.filter((name) => !name.includes('/') && name !== '');

test.for([...segments, '.', '..'])('does not build a path with %s in it', async (name, context) => {
  await runAbuseCase(context, {
    attacked: { path: '/speech/{voice}/stream', toRoute: () => createRoute(spoken, { apiKey }) },
    attack: (bench) => bench.upgrade({ target: `/speech/${name}/stream?token=${bench.token()}` }),
    wire: { told: 'PolicyViolation', dialect: 'plain' },
  });
});

test.for([
  '../evil',
  'evil.example/',
  '@evil.example',
  'a:1',
  'a\r\nb',
  'm'.repeat(300),
  '\u2024\u2024',
  '..',
  ' ',
])('does not start with a resource called %j', (resource) => {
  expectStartRefused(
    () => azureOpenAi({ apiKey: 'the-key-of-tests', deployments: ['talk'], resource }),
    'azureOpenAi().values.resource',
    'the-key-of-tests',
  );
});

test('joins no call of somebody else', async (context) => {
  await runAbuseCase(context, {
    attacked: { toRoute: ({ listenUrl }) => openAiRealtime({ apiKey, url: listenUrl }) },
    attack: (bench) => bench.upgrade({ target: bench.target(`token=${bench.token()}&C%61ll_id=rtc_1`) }),
    wire: { told: 'PolicyViolation', dialect: 'openai' },
  });
});

test.for([
  ['neither model nor intent', ''],
  ['both', 'model=gpt-realtime&intent=transcription&'],
  ['two models', 'model=gpt-realtime&model=gpt-realtime-mini&'],
] as const)('does not dial OpenAI for %s', async ([, query], context) => {
  await runAbuseCase(context, {
    attacked: { toRoute: ({ listenUrl }) => openAiRealtime({ apiKey, url: listenUrl }) },
    attack: (bench) => bench.upgrade({ target: bench.target(`${query}token=${bench.token()}`) }),
    wire: { told: 'BadRequest', dialect: 'openai' },
  });
});

test('serves what is mounted for a host on that host alone', async (context) => {
  const toRoute = ({ agentUrl }: MockUpstream): Route => deepgram({ apiKey, agentUrl });
  const [path = ''] = Object.keys(mount('//voice.example.com', deepgram({ apiKey })));
  await runAbuseCase(context, {
    attacked: { path, toRoute },
    attack: (bench) => bench.upgrade({ target: `/v1/agent/converse?token=${bench.token()}` }),
    wire: { http: 404, error: 'not_found' },
  });
  expect(path).toBe('//voice.example.com/v1/agent/converse');
});
