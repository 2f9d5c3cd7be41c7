import { pino } from 'pino';
import { expect, test } from 'vitest';
import { asr, createVoiceProxy, jwt } from '../../src/index.ts';
import type { Judgement, VoiceProxy, VoiceProxyOptions } from '../../src/index.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE, type CloseName } from '../../src/contract/index.ts';
import { startMockUpstream } from '../../src/testing/start-mock-upstream.ts';
import type { MockOf } from '../../src/testing/mock-upstream.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { eventually } from '../support/eventually.ts';
import { JWT_SECRET, makeToken } from '../support/make-token.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';
import { createTestSignal } from '../support/test-signal.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const META = '{"type":"meta","mime":"audio/webm"}';
const CLOSE_MS = 10_000;

interface Rig {
  readonly mock: MockOf<'asr'>;
  readonly proxy: VoiceProxy;
  readonly clock: TestClock;
  readonly logs: string[];
  connect(query?: string): Promise<WsClient>;
}

async function startAsr(context: TestCleanup, scenario: ScenarioChoice): Promise<MockOf<'asr'>> {
  const mock = await startMockUpstream({ vendor: 'asr', secret: MOCK_SECRET, auth: 'none', scenario });
  context.onTestFinished(() => mock.close());
  return mock;
}

async function start(
  context: TestCleanup,
  scenario: ScenarioChoice = 'happyTurn',
  more: Partial<VoiceProxyOptions> & { maxRecordingBytes?: number } = {},
): Promise<Rig> {
  const { maxRecordingBytes, ...options } = more;
  const mock = await startAsr(context, scenario);
  const clock = createTestClock();
  const logs: string[] = [];
  const proxy = createVoiceProxy({
    auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
    routes: { '/ws/asr': asr({ url: mock.urls.recognise, maxRecordingBytes }) },
    clock,
    logger: pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) }),
    ...options,
  });
  context.onTestFinished(() => {
    const closed = proxy.close();
    clock.advance(CLOSE_MS);
    return closed;
  });
  const { port } = await proxy.listen();
  const token = makeToken({ nowMs: clock.now() });
  const connect = (query = `token=${token}`): Promise<WsClient> =>
    openWs(context, `ws://127.0.0.1:${port}/ws/asr?${query}`);
  return { mock, proxy, clock, logs, connect };
}

const typesOf = ({ frames }: WsClient): unknown[] =>
  frames.map(({ payload }) => (JSON.parse(payload.toString()) as { type: unknown }).type);

const endOf = async ({ logs }: Rig): Promise<Record<string, unknown>> => {
  const find = (): string | undefined => logs.find((line) => line.includes('session ended'));
  await eventually(
    () => find() !== undefined,
    () => 'the session to end',
  );
  return JSON.parse(find() ?? '') as Record<string, unknown>;
};

test('passes a recording of 12 MB in one frame, and progress and result as text', async (context) => {
  const rig = await start(context);
  const client = await rig.connect();
  client.send(META);
  client.send(Buffer.alloc(12_000_000, 7));
  await client.waitForFrames(4);
  expect(typesOf(client)).toEqual(['progress', 'progress', 'progress', 'done']);
  expect(client.frames.every(({ kind }) => kind === 'text')).toBe(true);
  const session = await rig.mock.waitForSession();
  expect(session.frames.map(({ kind, payload }) => [kind, payload.length])).toEqual([
    ['text', META.length],
    ['binary', 12_000_000],
  ]);
  await client.close();
  expect(typesOf(client)).toHaveLength(4);
  expect(await endOf(rig)).toMatchObject({ cause: 'client', used: { audioBytes: 12_000_000 } });
});

test('writes to the log what the result tells of the time that it took', async (context) => {
  const done = '{"type":"done","text":"hi","duration_s":2.5,"inference_s":0.4,"lang":"x"}';
  const rig = await start(context, async (session) => {
    await session.waitForFrame(({ kind }) => kind === 'binary');
    session.send(done);
  });
  const client = await rig.connect();
  client.send(META);
  client.send(Buffer.alloc(1_000));
  expect((await client.waitForFrame()).payload.toString()).toBe(done);
  await client.close();
  const used = { audioBytes: 1_000, audioSeconds: 2.5, transcriptionSeconds: 0.4 };
  expect(await endOf(rig)).toMatchObject({ used, durationMs: expect.any(Number) });
});

interface Row {
  readonly title: string;
  readonly scenario?: ScenarioChoice;
  readonly more?: Parameters<typeof start>[2];
  readonly query?: string;
  /** Brings the end about; the session is open unless it was refused. */
  readonly end?: (rig: Rig, client: WsClient) => unknown;
  /** Word of the error, and code of the close. */
  readonly word: string;
  readonly code: number;
}

const row = (name: keyof typeof CLOSE_ROWS): { word: string; code: number } => CLOSE_ROWS[name];
const lost = row('UpstreamUnavailable').word;
const echoing = 'neverCloses' as const;

const ends: Row[] = [
  { title: 'no token', query: '', ...row('AuthRequired') },
  { title: 'a bad token', query: 'token=x', ...row('AuthInvalid') },
  { title: 'two tokens', query: 'token=x&token=y', ...row('BadRequest') },
  { title: 'a recogniser that refuses', scenario: 'refuse', ...row('UpstreamAuth') },
  {
    title: 'a recogniser that redirects',
    scenario: 'redirect',
    ...row('UpstreamUnavailable'),
  },
  {
    title: 'a recogniser that does not answer',
    scenario: 'silent',
    ...row('UpstreamTimeout'),
  },
  {
    title: 'a normal close before the result',
    scenario: { name: 'closeWith', code: NORMAL_CLOSURE, reason: '' },
    word: lost,
    code: NORMAL_CLOSURE,
  },
  {
    title: 'a close of the recogniser with its own code',
    scenario: { name: 'closeWith', code: 4000, reason: 'no model' },
    word: lost,
    code: 4000,
  },
  {
    title: 'a recogniser that vanishes',
    scenario: (session) => session.destroy(),
    ...row('UpstreamUnavailable'),
  },
  { title: 'a recogniser that ends its side', scenario: 'halfClose', ...row('UpstreamUnavailable') },
  {
    title: 'rubbish of the recogniser',
    scenario: { name: 'rubbish', what: 'reservedBits' },
    ...row('UpstreamUnavailable'),
  },
  {
    title: 'the longest session',
    scenario: echoing,
    end: ({ clock }) => clock.advance(60_000),
    ...row('SessionLimit'),
  },
  {
    title: 'nothing said for too long',
    scenario: echoing,
    more: { limits: { idleTimeoutMs: 1_000 } },
    end: ({ clock }) => clock.advance(2_000),
    ...row('IdleTimeout'),
  },
  {
    title: 'a token that runs out',
    scenario: echoing,
    more: { endAtExpiry: true, limits: { longestSessionMs: Infinity } },
    query: 'expiring',
    end: ({ clock }) => clock.advance(59_000),
    ...row('AuthExpired'),
  },
  {
    title: 'a server that restarts',
    scenario: echoing,
    end: ({ proxy }) => void proxy.close(),
    ...row('Draining'),
  },
  {
    title: 'a recording that is too long',
    scenario: echoing,
    more: { maxRecordingBytes: 1_000 },
    end: (_, client) => client.send(Buffer.alloc(1_001)),
    ...row('TooLarge'),
  },
];

test.for(ends)('sends an error before the close: $title', async (one, context) => {
  const { title, scenario, more, end, word, code } = one;
  const rig = await start(context, scenario, more);
  const query = one.query === 'expiring' ? `token=${expiring(rig.clock)}` : one.query;
  const connecting = rig.connect(query);
  if (title.includes('does not answer')) {
    await rig.mock.waitForDial(1);
    rig.clock.advance(15_000);
  }
  const client = await connecting;
  if (end) {
    client.send(META);
    await rig.mock.waitForSession();
    await end(rig, client);
  }
  const last = JSON.parse((await client.waitForFrame()).payload.toString()) as object;
  expect(last).toMatchObject({ type: 'error', code: word, message: expect.any(String) });
  expect((await client.waitForClose()).code).toBe(code);
  expect(client.frames).toHaveLength(1);
});

function expiring(clock: TestClock): string {
  const now = Math.floor(clock.now() / 1000);
  return makeToken({ nowMs: clock.now(), claims: { iat: now, exp: now + 50 } });
}

test('says nothing more behind the result, whoever closes', async (context) => {
  const rig = await start(context, async (session) => {
    await session.waitForFrame(() => true);
    session.send('{"type":"done","text":""}');
    session.close(NORMAL_CLOSURE);
  });
  const client = await rig.connect();
  client.send(META);
  expect((await client.waitForClose()).code).toBe(NORMAL_CLOSURE);
  expect(typesOf(client)).toEqual(['done']);
});

test('tells the address of the recogniser to nobody, not even when the recogniser does', async (context) => {
  const rig = await start(context, async (session) => {
    await session.waitForFrame(() => true);
    session.send('{"type":"error","message":"POST https://127.0.0.1/ws/transcribe failed"}');
    session.close(4000, 'see 127.0.0.1');
  });
  const client = await rig.connect();
  client.send(META);
  const { reason } = await client.waitForClose();
  expect(JSON.parse(client.frames[0]?.payload.toString() ?? '')).toMatchObject({ type: 'error', code: lost });
  expect(reason).toBe('');
  await endOf(rig);
  expectNoSecret(`127.0.0.1:${rig.mock.port}`, [rig.logs, client.frames], 'logs and frames');
  expectNoSecret('/ws/transcribe', [rig.logs, client.frames], 'logs and frames');
  expectNoSecret(MOCK_SECRET, rig.logs);
});

test('names no address in the errors of its own options', () => {
  const url = 'ws://recogniser.hidden.example/ws/transcribe';
  const make = (): unknown => asr({ url });
  expect(make).toThrow(expect.objectContaining({ option: 'asr().url' }));
  expect(make).not.toThrow(/hidden/);
  expect(() => asr({ url: undefined })).toThrow(/asr\(\)\.url/);
  expect(() => asr({ url: 'wss://x.example/a', maxRecordingBytes: NaN })).toThrow(/maxRecordingBytes/);
  expect(() => asr({ url: 'wss://x.example/a', longestSessionMs: 0 })).toThrow(/longestSessionMs/);
});

const prevented: [how: string, down: () => Judgement | Promise<Judgement>, name: CloseName][] = [
  [
    'fails at it',
    () => {
      throw new Error('of the application');
    },
    'Internal',
  ],
  ['ends the session', () => ({ end: 'PolicyViolation' }), 'PolicyViolation'],
  ['takes too long over it', () => new Promise(() => undefined), 'Internal'],
];

test.for(prevented)(
  'sends an error where the application has the result judged and %s',
  async ([, down, name], context) => {
    const mock = await startAsr(context, 'happyTurn');
    const asked = createTestSignal();
    const messages = {
      down: (text: string) => (text.includes('"done"') ? asked.tell(down)() : { forward: text }),
    };
    const routes = { '/ws/asr': { ...asr({ url: mock.urls.recognise }), messages } };
    const rig = await start(context, 'happyTurn', { routes, limits: { hookTimeoutMs: 1_000 } });
    const client = await rig.connect();
    client.send(META);
    client.send(Buffer.alloc(1_000));
    await asked.told();
    rig.clock.advance(1_000);
    expect((await client.waitForClose()).code).toBe(CLOSE_ROWS[name].code);
    expect(typesOf(client).at(-1)).toBe('error');
    expect(typesOf(client)).not.toContain('done');
  },
);
