import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { NORMAL_CLOSURE, readControlFrame, toControlFrame } from '../../src/contract/index.ts';
import type { Judgement } from '../../src/index.ts';
import { OPCODES } from '../../src/testing/wire-frames.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { inSessionMode, runSessionCase, type SessionCase } from '../support/session-case.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';

const HOOK_MS = 1_000;
const EXPIRY_MS = 10_000;

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

const audio = Buffer.from([0, 0xff, 1]);

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  const proxy = { legs, limits: { hookTimeoutMs: HOOK_MS } };

  test('let pass, change, drop and answer texts as the hook says, and audio unseen', async (context) => {
    const seen: string[] = [];
    const up = (message: string): Judgement => {
      seen.push(message);
      if (message === 'drop') return { drop: true };
      if (message === 'refuse') return { drop: true, tell: 'not this' };
      return { forward: message === 'change' ? 'changed €' : message };
    };
    await runSessionCase(context, {
      proxy,
      messages: { up },
      async attack({ client, session }) {
        for (const payload of ['drop', 'pass', audio, 'change', 'refuse', 'last']) client.send(payload);
        await client.waitForMessage(({ payload }) => payload.toString() === 'last');
        expect(session.frames).toEqual([
          { kind: 'text', payload: Buffer.from('pass') },
          { kind: 'binary', payload: audio },
          { kind: 'text', payload: Buffer.from('changed €') },
          { kind: 'text', payload: Buffer.from('last') },
        ]);
        expect(textsOf(client).filter((text) => text === 'not this')).toHaveLength(1);
        expect(seen).toEqual(['drop', 'pass', 'change', 'refuse', 'last']);
      },
    });
  });

  test('show a hook a message of fragments whole, and pass it as one', async (context) => {
    const seen: string[] = [];
    await runSessionCase(context, {
      proxy,
      messages: { up: (message) => ({ forward: seen.push(message) > 0 ? message : '' }) },
      async attack({ client }) {
        const euro = Buffer.from('€');
        client.sendFrame({ opcode: OPCODES.text, payload: euro.subarray(0, 1), fin: false });
        client.sendFrame({ opcode: OPCODES.ping, payload: 'between' });
        client.sendFrame({ opcode: OPCODES.continuation, payload: euro.subarray(1) });
        expect((await client.waitForMessage()).payload.toString()).toBe('€');
        expect(seen).toEqual(['€']);
      },
    });
  });

  test('keep order while a hook takes its time, audio included', async (context) => {
    const { hook, asked, answer } = createSlowHook();
    await runSessionCase(context, {
      proxy,
      messages: { up: hook },
      async attack({ bench, client, session }) {
        for (const payload of ['one', Buffer.from('audio'), 'two']) client.send(payload);
        client.close(4001, 'at the end');
        await untilAsked(asked, 1);
        bench.clock.advance(HOOK_MS - 1);
        expect([asked, session.frames]).toEqual([['one'], []]);
        answer(0);
        await untilAsked(asked, 2);
        answer(1);
        expect(await session.closed).toMatchObject({ code: 4001, reason: 'at the end' });
        expect(session.frames.map(({ payload }) => payload.toString())).toEqual(['one', 'audio', 'two']);
      },
      wire: { passed: { code: 4001, reason: 'at the end' } },
    });
  });

  test('judge what the upstream says, in order', async (context) => {
    const { hook, asked, answer } = createSlowHook();
    await runSessionCase(context, {
      proxy,
      messages: { down: hook },
      upstream(session) {
        session.send('one');
        session.send(Buffer.from('audio'));
        session.send('two');
        session.close(4002, 'at the end');
      },
      async attack({ client }) {
        for (const at of [0, 1]) {
          await untilAsked(asked, at + 1);
          expect(asked).toHaveLength(at + 1);
          answer(at);
        }
        await client.waitForClose();
        expect(textsOf(client)).toEqual(['one', 'audio', 'two']);
      },
      wire: { passed: { code: 4002, reason: 'at the end' } },
    });
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

  /** A route with this hook, to whose upstream or client one text is on its way. */
  const unjudged = (direction: 'up' | 'down', hook: unknown): Pick<SessionCase, 'messages' | 'upstream'> => ({
    messages: { [direction]: hook as () => Judgement },
    upstream: direction === 'up' ? 'echo' : (session) => void session.send('unjudged'),
  });

  for (const direction of ['up', 'down'] as const) {
    test.for(failures)(
      `pass nothing ${direction} when the hook %s, and end as a failure`,
      async ([, hook], context) => {
        await runSessionCase(context, {
          proxy,
          ...unjudged(direction, hook),
          async attack({ client, session }) {
            if (direction === 'up') client.send('unjudged');
            client.send(Buffer.from('audio'));
            expect(await session.closed).toMatchObject({ code: NORMAL_CLOSURE });
            expect(session.frames.filter(({ kind }) => kind === 'text')).toEqual([]);
            await client.waitForClose();
            expect(client.messages).toHaveLength(1);
          },
          wire: { ended: 'Internal' },
        });
      },
    );
  }

  test.for(['up', 'down'] as const)(
    'end as a failure when the hook %s hangs, at its time',
    async (direction, context) => {
      const { hook, asked } = createSlowHook();
      await runSessionCase(context, {
        proxy,
        ...unjudged(direction, hook),
        async attack({ bench, client }) {
          client.send('unjudged');
          await untilAsked(asked, 1);
          bench.clock.advance(HOOK_MS - 1);
          expect(client.hasCloseFrame).toBe(false);
          bench.clock.advance(1);
        },
        wire: { ended: 'Internal' },
      });
    },
  );

  test('leave no timer when a client leaves while its message is judged', async (context) => {
    const { hook, asked } = createSlowHook();
    await runSessionCase(context, {
      proxy,
      messages: { up: hook },
      async attack({ client }) {
        client.send('judged for ever');
        await untilAsked(asked, 1);
        client.reset();
      },
      wire: 'nothing',
    });
  });

  test('pass nothing of a message whose session ended while it was judged', async (context) => {
    const { hook, asked, answer } = createSlowHook();
    await runSessionCase(context, {
      proxy: { legs, endAtExpiry: true, limits: { hookTimeoutMs: 2 * EXPIRY_MS } },
      messages: { up: hook },
      asks: (bench) => {
        const exp = (bench.clock.now() + EXPIRY_MS) / 1_000;
        return { target: bench.target(`token=${bench.token({ claims: { exp } })}`) };
      },
      async attack({ bench, client, session }) {
        client.send('too late');
        await untilAsked(asked, 1);
        bench.clock.advance(EXPIRY_MS);
        answer(0);
        expect(await session.closed).toMatchObject({ code: NORMAL_CLOSURE });
        expect(session.frames).toEqual([]);
      },
      wire: { ended: 'AuthExpired' },
    });
  });

  test('end as the hook says', async (context) => {
    await runSessionCase(context, {
      proxy,
      messages: { up: () => ({ end: 'PolicyViolation' }) },
      attack: ({ client }) => client.send('bad'),
      wire: { ended: 'PolicyViolation' },
    });
  });

  test.for(['up', 'down'] as const)(
    'refuse a text too long to be judged %s, and let audio of any length pass',
    async (direction, context) => {
      await runSessionCase(context, {
        proxy,
        messages: { maxBytes: 10, [direction]: (message: string) => ({ forward: message }) },
        async attack({ client }) {
          client.send(Buffer.alloc(1_000));
          client.send('1234567890');
          await client.waitForMessages(2);
          client.send('12345678901');
        },
        wire: { ended: 'TooLarge' },
      });
    },
  );

  test('let the upstream send both kinds where clients may send one', async (context) => {
    await runSessionCase(context, {
      proxy,
      messages: { onlyFromClient: 'binary' },
      upstream(session) {
        session.send('text');
        session.send(audio);
      },
      async attack({ client }) {
        await client.waitForMessages(2);
        expect(client.messages.map(({ kind }) => kind)).toEqual(['text', 'binary']);
      },
    });
  });

  test('take control frames of session mode where clients may send binary only', async (context) => {
    await runSessionCase(context, {
      proxy,
      messages: { onlyFromClient: 'binary', up: (message) => ({ forward: message }) },
      asks: inSessionMode,
      async attack({ client }) {
        await client.waitForMessage();
        client.send(toControlFrame({ type: 'ack', received: 0 }));
        client.send(audio);
        await client.waitForMessage(({ kind }) => kind === 'binary');
      },
    });
  });

  test('count in session mode what the hook tells the client', async (context) => {
    await runSessionCase(context, {
      proxy,
      messages: { up: () => ({ drop: true, tell: 'not this' }) },
      asks: inSessionMode,
      async attack({ client }) {
        const hello = await client.waitForMessage();
        expect(readControlFrame(hello.payload.toString())).toMatchObject({ type: 'hello' });
        client.send('please');
        await client.waitForMessage(({ payload }) => payload.toString() === 'not this');
        client.send(toControlFrame({ type: 'ack', received: 1 }));
        client.send('again');
        await eventually(
          () => textsOf(client).filter((text) => text === 'not this').length === 2,
          () => 'the second answer',
        );
      },
    });
  });
});
