import { runInNewContext } from 'node:vm';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { NORMAL_CLOSURE, readControlFrame, toControlFrame } from '../../src/contract/index.ts';
import { createVoiceProxy, deepgram, type Judgement, jwt, type MessageRules } from '../../src/index.ts';
import type { LimitOptions, VoiceProxy } from '../../src/index.ts';
import type { MockUpstream } from '../../src/testing/mock-upstream.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import { OPCODES } from '../../src/testing/wire-frames.ts';
import { ROUTE } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import { JWT_SECRET, makeToken } from '../support/make-token.ts';
import { type RawClient, rawUpgrade } from '../support/raw-client.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { MOCK_SECRET, startMock } from '../support/start-mock.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { expectWire } from '../support/wire-outcome.ts';

const HOOK_MS = 1_000;

interface Hooked {
  readonly mock: MockUpstream;
  readonly proxy: VoiceProxy;
  readonly clock: TestClock;
  readonly logs: readonly string[];
  readonly client: RawClient;
}

interface HookedOptions {
  readonly legs: 'bytes' | 'messages';
  readonly messages: MessageRules;
  readonly upstream?: ScenarioChoice;
  readonly limits?: LimitOptions;
  /** More of the query. */
  readonly query?: string;
}

/** One session on a route with message hooks, which the abuse bench has none of. */
async function open(context: TestCleanup, options: HookedOptions): Promise<Hooked> {
  const { legs, messages, upstream = 'echo', limits, query = '' } = options;
  const mock = await startMock(context, { scenario: upstream });
  const clock = createTestClock();
  const logs: string[] = [];
  const urls = { agentUrl: mock.agentUrl, listenUrl: mock.listenUrl };
  const proxy = createVoiceProxy({
    auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
    routes: { [ROUTE]: deepgram({ apiKey: MOCK_SECRET, ...urls, messages }) },
    legs,
    limits: { hookTimeoutMs: HOOK_MS, ...limits },
    clock,
    logger: pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) }),
  });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  const token = makeToken({ nowMs: clock.now() });
  const client = await rawUpgrade(context, { port, target: `${ROUTE}?token=${token}${query}` });
  await client.response();
  return { mock, proxy, clock, logs, client };
}

/** Nothing is left in the proxy or the upstream, and nothing has leaked. */
async function expectNothingLeft({ mock, proxy, clock, logs, client }: Hooked): Promise<void> {
  await eventually(
    () => proxy.sessions === 0,
    () => 'the session to end',
  );
  await mock.waitForIdle();
  await eventually(
    () => clock.pending() === 0,
    () => `${clock.pending()} timers of the proxy to end`,
  );
  expectNoSecret(MOCK_SECRET, [client.received, ...logs], 'client and logs');
  expect(logs.filter((line) => line.includes('session ended'))).toHaveLength(1);
}

async function sayGoodbye(hooked: Hooked): Promise<void> {
  hooked.client.close(NORMAL_CLOSURE);
  await expectWire(hooked.client, { passed: { code: NORMAL_CLOSURE, reason: '' } });
  await expectNothingLeft(hooked);
}

const textsOf = (client: RawClient): string[] => client.messages.map(({ payload }) => payload.toString());

/** A hook whose answers the test gives, in any order. */
function createSlowHook(): {
  hook: (message: string) => Promise<Judgement>;
  asked: string[];
  answer: (at: number) => void;
} {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const hook = (message: string): Promise<Judgement> => {
    asked.push(message);
    return new Promise((resolve) => answers.push(() => resolve({ forward: message })));
  };
  return { hook, asked, answer: (at) => answers[at]?.() };
}

const untilAsked = (asked: readonly string[], count: number): Promise<void> =>
  eventually(
    () => asked.length >= count,
    () => `${count} messages to be judged; ${asked.length} were`,
  );

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  test('let pass, change, drop and answer texts as the hook says, and audio unseen', async (context) => {
    const seen: string[] = [];
    const up = (message: string): Judgement => {
      seen.push(message);
      if (message === 'drop') return { drop: true };
      if (message === 'refuse') return { drop: true, tell: 'not this' };
      return { forward: message === 'change' ? 'changed €' : message };
    };
    const hooked = await open(context, { legs, messages: { up } });
    const audio = Buffer.from([0, 0xff, 1]);
    for (const payload of ['drop', 'pass', audio, 'change', 'refuse', 'last']) hooked.client.send(payload);
    await hooked.client.waitForMessage(({ payload }) => payload.toString() === 'last');
    const session = await hooked.mock.waitForSession();
    expect(session.frames.map(({ payload }) => payload.toString('latin1'))).toEqual([
      'pass',
      audio.toString('latin1'),
      'changed \u00e2\u0082\u00ac',
      'last',
    ]);
    expect(session.frames.map(({ kind }) => kind)).toEqual(['text', 'binary', 'text', 'text']);
    expect(textsOf(hooked.client).filter((text) => text === 'not this')).toHaveLength(1);
    expect(seen).toEqual(['drop', 'pass', 'change', 'refuse', 'last']);
    await sayGoodbye(hooked);
  });

  test('show a hook a message of fragments whole, and pass it as one', async (context) => {
    const seen: string[] = [];
    const up = (message: string): Judgement => ({ forward: seen.push(message) > 0 ? message : '' });
    const hooked = await open(context, { legs, messages: { up } });
    const [first, rest] = [Buffer.from('€').subarray(0, 1), Buffer.from('€').subarray(1)];
    hooked.client.sendFrame({ opcode: OPCODES.text, payload: first, fin: false });
    hooked.client.sendFrame({ opcode: OPCODES.ping, payload: 'between' });
    hooked.client.sendFrame({ opcode: OPCODES.continuation, payload: rest });
    expect((await hooked.client.waitForMessage()).payload.toString()).toBe('€');
    expect(seen).toEqual(['€']);
    await sayGoodbye(hooked);
  });

  test('keep order while a hook takes its time, audio included', async (context) => {
    const { hook, asked, answer } = createSlowHook();
    const hooked = await open(context, { legs, messages: { up: hook } });
    for (const payload of ['one', Buffer.from('audio'), 'two']) hooked.client.send(payload);
    hooked.client.close(4001, 'at the end');
    await untilAsked(asked, 1);
    const session = await hooked.mock.waitForSession();
    hooked.clock.advance(HOOK_MS - 1);
    expect([asked, session.frames]).toEqual([['one'], []]);
    answer(0);
    await untilAsked(asked, 2);
    answer(1);
    expect(await session.closed).toMatchObject({ code: 4001, reason: 'at the end' });
    expect(session.frames.map(({ payload }) => payload.toString())).toEqual(['one', 'audio', 'two']);
    await expectNothingLeft(hooked);
  });

  test('judge what the upstream says, in order', async (context) => {
    const { hook, asked, answer } = createSlowHook();
    const hooked = await open(context, {
      legs,
      messages: { down: hook },
      upstream(session) {
        session.send('one');
        session.send(Buffer.from('audio'));
        session.send('two');
        session.close(4002, 'at the end');
      },
    });
    for (const at of [0, 1]) {
      await untilAsked(asked, at + 1);
      expect(asked).toHaveLength(at + 1);
      answer(at);
    }
    await expectWire(hooked.client, { passed: { code: 4002, reason: 'at the end' } });
    expect(textsOf(hooked.client)).toEqual(['one', 'audio', 'two']);
    await expectNothingLeft(hooked);
  });

  const failures: [what: string, hook: () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error(`of the hook, with ${MOCK_SECRET}`);
      },
    ],
    ['rejects', () => Promise.reject(new Error(`of the hook, with ${MOCK_SECRET}`))],
    ['rejects with nothing', () => Promise.reject(undefined as unknown as Error)],
    ['returns nothing', () => undefined],
    ['resolves with nothing', () => Promise.resolve()],
    ['returns null', () => null],
    ['returns the message itself', () => 'the message'],
    ['returns true', () => true],
    ['decides nothing', () => ({})],
    ['forwards a number', () => ({ forward: 5 })],
    ['forwards an object', () => ({ forward: { type: 'Settings' } })],
    ['ends with a row that does not exist', () => ({ end: 'NoSuchRow' })],
    ['ends with an inherited name', () => ({ end: 'constructor' })],
    [
      'rejects with a promise of another realm',
      () => runInNewContext('Promise.reject(new Error())') as unknown,
    ],
  ];

  for (const direction of ['up', 'down'] as const) {
    test.for(failures)(
      `pass nothing ${direction} when the hook %s, and end as a failure`,
      async ([, hook], context) => {
        const hooked = await open(context, {
          legs,
          messages: { [direction]: hook as () => Judgement },
          upstream: direction === 'up' ? 'echo' : (session) => void session.send('unjudged'),
        });
        if (direction === 'up') hooked.client.send('unjudged');
        hooked.client.send(Buffer.from('audio'));
        await expectWire(hooked.client, { ended: 'Internal' });
        const session = await hooked.mock.waitForSession();
        expect(await session.closed).toMatchObject({ code: NORMAL_CLOSURE });
        expect(session.frames.filter(({ kind }) => kind === 'text')).toEqual([]);
        expect(hooked.client.messages).toHaveLength(1);
        await expectNothingLeft(hooked);
      },
    );
  }

  test.for(['up', 'down'] as const)(
    'end as a failure when the hook %s hangs, at its time',
    async (direction, context) => {
      const asked: string[] = [];
      const hook = (message: string): Promise<Judgement> => {
        asked.push(message);
        return new Promise(() => undefined);
      };
      const hooked = await open(context, {
        legs,
        messages: { [direction]: hook },
        upstream: direction === 'up' ? 'echo' : (session) => void session.send('unjudged'),
      });
      hooked.client.send('unjudged');
      await untilAsked(asked, 1);
      hooked.clock.advance(HOOK_MS - 1);
      expect(hooked.client.hasCloseFrame).toBe(false);
      hooked.clock.advance(1);
      await expectWire(hooked.client, { ended: 'Internal' });
      await expectNothingLeft(hooked);
    },
  );

  test('leave no timer when a client leaves while its message is judged', async (context) => {
    const { hook, asked } = createSlowHook();
    const hooked = await open(context, { legs, messages: { up: hook } });
    hooked.client.send('judged for ever');
    await untilAsked(asked, 1);
    hooked.client.reset();
    await expectNothingLeft(hooked);
  });

  test('pass nothing of a message whose session ended while it was judged', async (context) => {
    const { hook, asked, answer } = createSlowHook();
    const hooked = await open(context, { legs, messages: { up: hook } });
    hooked.client.send('too late');
    await untilAsked(asked, 1);
    const session = await hooked.mock.waitForSession();
    void hooked.proxy.drain(1);
    hooked.clock.advance(1);
    answer(0);
    await expectWire(hooked.client, { ended: 'Draining' });
    expect(await session.closed).toMatchObject({ code: NORMAL_CLOSURE });
    expect(session.frames).toEqual([]);
  });

  test('end as the hook says', async (context) => {
    const hooked = await open(context, { legs, messages: { up: () => ({ end: 'PolicyViolation' }) } });
    hooked.client.send('bad');
    await expectWire(hooked.client, { ended: 'PolicyViolation' });
    await expectNothingLeft(hooked);
  });

  test.for([
    ['judged', { maxBytes: 10, up: (message: string) => ({ forward: message }) }],
    ['judged down', { maxBytes: 10, down: (message: string) => ({ forward: message }) }],
  ] as const)(
    'refuse a text too long to be %s, and let audio of any length pass',
    async ([, messages], context) => {
      const hooked = await open(context, { legs, messages });
      hooked.client.send(Buffer.alloc(1_000));
      hooked.client.send('1234567890');
      await eventually(
        () => hooked.client.messages.length === 2,
        () => 'both to pass',
      );
      hooked.client.send('12345678901');
      await expectWire(hooked.client, { ended: 'TooLarge' });
      await expectNothingLeft(hooked);
    },
  );

  test('let the upstream send both kinds where clients may send one', async (context) => {
    const hooked = await open(context, {
      legs,
      messages: { onlyFromClient: 'binary' },
      upstream(session) {
        session.send('text');
        session.send(Buffer.from('binary'));
      },
    });
    await eventually(
      () => hooked.client.messages.length === 2,
      () => 'both kinds',
    );
    expect(hooked.client.messages.map(({ kind }) => kind)).toEqual(['text', 'binary']);
    await sayGoodbye(hooked);
  });

  test('take control frames of session mode where clients may send binary only', async (context) => {
    const messages = { onlyFromClient: 'binary' as const, up: (message: string) => ({ forward: message }) };
    const hooked = await open(context, { legs, messages, query: '&vp=1' });
    await hooked.client.waitForMessage();
    hooked.client.send(toControlFrame({ type: 'ack', received: 0 }));
    hooked.client.send(Buffer.from('audio'));
    await hooked.client.waitForMessage(({ payload }) => payload.toString() === 'audio');
    await sayGoodbye(hooked);
  });

  test('count in session mode what the hook tells the client', async (context) => {
    const up = (): Judgement => ({ drop: true, tell: 'not this' });
    const hooked = await open(context, { legs, messages: { up }, query: '&vp=1' });
    const hello = await hooked.client.waitForMessage();
    expect(readControlFrame(hello.payload.toString())).toMatchObject({ type: 'hello' });
    hooked.client.send('please');
    await hooked.client.waitForMessage(({ payload }) => payload.toString() === 'not this');
    hooked.client.send(toControlFrame({ type: 'ack', received: 1 }));
    hooked.client.send('again');
    await eventually(
      () => textsOf(hooked.client).filter((text) => text === 'not this').length === 2,
      () => 'the second answer',
    );
    await sayGoodbye(hooked);
  });
});
