import { expect, test, type TestContext } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { createVoiceProxy, deepgram, none } from '../../src/index.ts';
import type { AbuseBench } from './abuse-bench.ts';
import { expectStartRefused, runAbuseCase } from './abuse-case.ts';
import { rawUpgrade } from './raw-client.ts';
import { runSessionCase } from './session-case.ts';
import { openWs } from './ws-client.ts';
import { MOCK_SECRET } from './start-mock.ts';

test('sees a refused token: told over the socket, nothing dialled', async (context) => {
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade({ target: bench.target('token=not-a-token') }),
    wire: { told: 'AuthInvalid' },
  });
});

test('sees a refused upgrade over HTTP', async (context) => {
  await runAbuseCase(context, {
    attack: (bench) => bench.upgrade({ target: '/nowhere' }),
    wire: { http: 404, error: 'not_found' },
  });
});

test('sees an upstream that nobody can reach', async (context) => {
  await runAbuseCase(context, {
    upstream: 'unreachable',
    attack: (bench) => bench.upgrade(),
    wire: { told: 'UpstreamUnavailable' },
  });
});

test('sees a code and a reason that were passed on', async (context) => {
  await runAbuseCase(context, {
    upstream: { name: 'closeWith', code: 4321, reason: 'done here', afterFrames: 1 },
    async attack(bench) {
      const client = await bench.upgrade();
      client.send('go');
      return client;
    },
    wire: { passed: { code: 4321, reason: 'done here' } },
    dials: 1,
  });
});

test('sees a client that left while the upstream was dialled', async (context) => {
  await runAbuseCase(context, {
    upstream: 'slowOpen',
    async attack(bench) {
      const client = await bench.upgrade();
      await bench.mock.waitForDial(1);
      client.reset();
    },
    wire: 'nothing',
    dials: 1,
  });
});

test('sees a start that was refused', () => {
  const secret = 'a key with spaces';
  const start = (): unknown =>
    createVoiceProxy({ auth: none(), routes: { '/r': deepgram({ apiKey: secret }) } });
  expectStartRefused(start, 'deepgram().apiKey', secret);
  expect(() => expectStartRefused(() => undefined, 'apiKey', secret)).toThrow();
});

test.for([
  ['another row', { wire: { told: 'AuthExpired' } }],
  ['another status', { wire: { http: 401 } }],
  ['another number of dials', { dials: 1 }],
] as const)('fails when it expects %s', async ([, wrong], context) => {
  const running = runAbuseCase(context, {
    attack: (bench) => bench.upgrade({ target: bench.target('token=not-a-token') }),
    wire: { told: 'AuthInvalid' },
    ...wrong,
  });
  await expect(running).rejects.toThrow();
});

type Harm = (bench: AbuseBench, context: TestContext) => unknown;

const endLine = '{"msg":"session ended","sessionId":"of nobody"}';

const afterwards: [what: string, message: string, harm: Harm][] = [
  ['a timer of the proxy is left', 'timers of the proxy', ({ clock }) => clock.after(1, () => {})],
  [
    'a timer of the process is left',
    'timers of the process',
    (_bench, context) => {
      const timer = setTimeout(() => {}, 60_000);
      context.onTestFinished(() => clearTimeout(timer));
    },
  ],
  [
    'a client stays',
    'connections of clients',
    ({ listening }, context) => rawUpgrade(context, { port: listening.port, request: 'GET /half HTTP/1.1' }),
  ],
  [
    'an upstream connection stays',
    'connections to end',
    ({ mock }, context) => rawUpgrade(context, { port: mock.port, request: 'GET' }),
  ],
  ['a session ends twice', 'sessions ended', ({ logs }) => (logs as string[]).push(endLine)],
  [
    'the upstream saw what it must not',
    'violations',
    ({ mock }, context) => openWs(context, mock.agentUrl).catch(() => {}),
  ],
];

test.for(afterwards)('fails when %s', async ([, message, harm], context) => {
  const running = runAbuseCase(context, {
    async attack(bench) {
      await harm(bench, context);
      return bench.upgrade({ target: '/nowhere' });
    },
    wire: { http: 404 },
    dials: message === 'violations' ? 1 : 0,
    patienceMs: 100,
  });
  await expect(running).rejects.toThrow(message);
});

test('fails when the secret reached a client or a log', async (context) => {
  const echoed = runAbuseCase(context, {
    async attack(bench) {
      const client = await bench.upgrade();
      client.send(Buffer.from(`xx${MOCK_SECRET}`).toString('base64'));
      await client.waitForMessage();
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: 'nothing',
    dials: 1,
  });
  await expect(echoed).rejects.toThrow(/client 1, bytes.*base64 at offset 2/s);
});

test('lets the client of an open session say goodbye where its end is not told', async (context) => {
  await runSessionCase(context, {
    async attack({ bench, client, session }) {
      client.send('hello');
      expect(await client.waitForMessages(1)).toEqual(session.frames);
      expect([bench.proxy.sessions, bench.mock.sessions]).toEqual([1, 1]);
    },
  });
});

test.for([
  ['another end', { wire: { ended: 'Stalled' } }],
  ['another number of sessions', { dials: 2 }],
  ['something else of the log', { also: ({ logs }: AbuseBench) => expect(logs).toEqual([]) }],
] as const)('fails when it expects %s of an open session', async ([, wrong], context) => {
  const running = runSessionCase(context, { attack: ({ client }) => client.close(NORMAL_CLOSURE), ...wrong });
  await expect(running).rejects.toThrow(/expected/);
});
