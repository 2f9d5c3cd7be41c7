import { describe, expect, test } from 'vitest';
import { NORMAL_CLOSURE, toSessionQuery } from '../../src/contract/index.ts';
import { ACK_MS } from '../../src/session/resumable.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import type { MockSession } from '../../src/testing/mock-session.ts';
import { OPCODES } from '../../src/testing/wire-frames.ts';
import {
  type AbuseBench,
  type BenchOptions,
  HEALTHY_ROUTE,
  ROUTE,
  startBench,
} from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import {
  acknowledge,
  acksOf,
  ask,
  dataOf,
  SessionClient,
  textsOf,
  untilLogged,
  untilTaken,
} from './session-steps.ts';

/** An upstream that says only what the test lets it say. */
const quiet = (): void => undefined;

interface Pair {
  readonly client: SessionClient;
  readonly session: MockSession;
}

const open = async (bench: AbuseBench): Promise<Pair> => ({
  client: await new SessionClient(bench).open(),
  session: await bench.mock.waitForSession(),
});

const untilUp = async ({ session }: Pair, count: number): Promise<void> =>
  void (await session.waitForFrame(() => upOf(session).length >= count));

const textOf = ({ payload }: MockFrame): string => payload.toString('latin1');

/** What came up without what keeps the provider: the clock of the bench runs ahead of the connection, which makes pauses. */
const upOf = ({ frames }: Pair['session']): string[] =>
  frames.map(textOf).filter((text) => text !== '{"type":"KeepAlive"}');

/** A number from 0 up to `below`, the same in every run. */
function createDice(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 0x8000_0000;
    return Math.floor((state / 0x8000_0000) * below);
  };
}

describe.each(['bytes', 'messages'] as const)('session mode over legs of %s', (legs) => {
  const start = (context: TestCleanup, { proxy, ...more }: BenchOptions = {}): Promise<AbuseBench> =>
    startBench(context, { upstream: quiet, ...more, proxy: { legs, ...proxy } });

  test('greets a client that asks, before what the upstream says at once', async (context) => {
    const bench = await start(context, { upstream: (session) => void session.send('welcome') });
    const { client, hello } = await ask(bench);
    expect(hello).toMatchObject({ version: 1, received: 0, resumed: false, hold_ms: 30_000 });
    expect(hello).not.toHaveProperty('reset');
    await untilTaken(client, 1);
    expect(textsOf(client)).toEqual(['welcome']);
  });

  test.for([
    ['vp=1', ''],
    ['vp=1&encoding=linear16&channels=1', 'encoding=linear16&channels=1'],
    ['encoding=linear16&%76p=1', 'encoding=linear16'],
    [`vp=1.${'x'.repeat(24)}.5`, ''],
  ] as const)('keeps what asks for it (%s) from the upstream', async ([query, passed], context) => {
    const bench = await start(context);
    const client = await bench.upgrade({ target: bench.target(`${query}&token=${bench.token()}`) });
    await client.waitForMessage();
    expect(bench.mock.requests[0]?.rawQuery ?? '').toBe(passed);
    bench.mock.expectNoViolations();
  });

  test('greets nobody who does not ask', async (context) => {
    const bench = await start(context, { upstream: 'echo' });
    const client = await bench.upgrade();
    client.send('first');
    await client.waitForMessage();
    bench.clock.advance(10 * ACK_MS);
    client.send('last');
    await client.waitForMessage(({ payload }) => payload.toString() === 'last');
    expect(client.messages.map(textOf)).toEqual(['first', 'last']);
  });

  test('greets nobody where it is off, and keeps what asks from the upstream', async (context) => {
    const bench = await start(context, { upstream: 'echo', proxy: { sessionMode: false } });
    const client = await bench.upgrade({ target: bench.target(`vp=1&token=${bench.token()}`) });
    client.send('first');
    await client.waitForMessage();
    expect(client.messages.map(textOf)).toEqual(['first']);
    client.reset();
    const session = await bench.mock.waitForSession();
    expect(await session.closed).toMatchObject({ code: NORMAL_CLOSURE });
    bench.mock.expectNoViolations();
  });

  test('counts messages, whatever their kind, and acknowledges them in time', async (context) => {
    const bench = await start(context, { upstream: 'echo' });
    const { client } = await ask(bench);
    client.send('text');
    client.send(Buffer.from('binary'));
    client.send('');
    await untilTaken(client, 3);
    expect(acksOf(client)).toEqual([]);
    bench.clock.advance(ACK_MS);
    await eventually(
      () => acksOf(client).length > 0,
      () => 'an acknowledgement',
    );
    expect(acksOf(client)).toEqual([3]);
  });

  test('counts a message of fragments once, when it is complete', async (context) => {
    const bench = await start(context);
    const pair = await open(bench);
    const { client } = pair.client.connection;
    client.sendFrame({ opcode: OPCODES.text, payload: 'in ', fin: false });
    client.sendFrame({ opcode: OPCODES.continuation, payload: 'three ', fin: false });
    client.sendFrame({ opcode: OPCODES.ping, payload: 'between' });
    client.sendFrame({ opcode: OPCODES.continuation, payload: 'parts' });
    acknowledge(pair.client.connection, 0);
    client.send(Buffer.from('audio'));
    await untilUp(pair, 2);
    bench.clock.advance(ACK_MS);
    await eventually(
      () => acksOf(client).length > 0,
      () => 'an acknowledgement',
    );
    expect(acksOf(client)).toEqual([2]);
    expect(pair.session.frames.map(textOf)).toEqual(['in three parts', 'audio']);
  });

  test('goes on behind a cut with nothing lost and nothing twice, both ways', async (context) => {
    const bench = await start(context);
    const pair = await open(bench);
    const large = Buffer.alloc(300_000, 'voice');
    for (const payload of ['up 1', Buffer.from('up 2'), large]) pair.client.send(payload);
    pair.session.send('down 1');
    pair.session.send(large);
    await untilTaken(pair.client.connection.client, 1);
    pair.client.send('half way');
    pair.client.cut();
    pair.session.sendFrame({ opcode: OPCODES.binary, payload: 'in ', fin: false });
    pair.session.sendFrame({ opcode: OPCODES.continuation, payload: 'parts' });
    expect(await pair.client.comeBack()).toMatchObject({ resumed: true });
    pair.session.send('down 4');
    pair.client.send('up 5');
    await untilUp(pair, 5);
    await eventually(
      () => pair.client.taken.length >= 4,
      () => 'four messages',
    );
    const up = ['up 1', 'up 2', large.toString('latin1'), 'half way', 'up 5'];
    expect(pair.session.frames.map(textOf)).toEqual(up);
    expect(pair.session.frames.map(({ kind }) => kind)).toEqual(['text', 'binary', 'binary', 'text', 'text']);
    expect(pair.client.taken.map(textOf)).toEqual(['down 1', large.toString('latin1'), 'in parts', 'down 4']);
    expect(pair.client.taken.map(({ kind }) => kind)).toEqual(['text', 'binary', 'binary', 'text']);
    expect(pair.client.connection.client.faults).toEqual([]);
    bench.mock.expectNoViolations();
    expect(bench.mock.dials).toBe(1);
  });

  test.for([1, 2, 3, 4])('survives cut after cut while both sides talk (%i)', async (seed, context) => {
    const dice = createDice(seed);
    const bench = await start(context);
    const pair = await open(bench);
    const sent: string[] = [];
    for (let at = 0; at < 120; at += 1) {
      const payload = Buffer.alloc(1 + dice(dice(10) === 0 ? 100_000 : 2_000), `${at} `);
      sent.push(payload.toString());
      pair.client.send(dice(2) === 0 ? payload : payload.toString());
      pair.session.send(payload);
      if (dice(3) === 0) bench.clock.advance(ACK_MS);
      if (dice(4) === 0) await untilUp(pair, dice(at));
      acknowledge(pair.client.connection, pair.client.taken.length);
      if (dice(8) !== 0) continue;
      pair.client.cut();
      expect(await pair.client.comeBack()).toMatchObject({ resumed: true });
    }
    await untilUp(pair, 120);
    await eventually(
      () => pair.client.taken.length >= 120,
      () => `120 messages; ${pair.client.taken.length} came`,
    );
    expect(upOf(pair.session)).toEqual(sent);
    expect(pair.client.taken.map(textOf)).toEqual(sent);
    expect(bench.mock.dials).toBe(1);
    bench.mock.expectNoViolations();
  });

  test('takes the session away from a connection that is still there', async (context) => {
    const bench = await start(context, { upstream: 'echo' });
    const token = bench.token();
    const old = await ask(bench, { token });
    old.client.send('before');
    await untilTaken(old.client, 1);
    const vp = toSessionQuery({ id: old.hello.id, received: 1 });
    const now = await ask(bench, { vp, token });
    expect(now.hello).toMatchObject({ resumed: true, received: 1 });
    expect((await old.client.waitForClose()).code).toBe(1006);
    now.client.send('after');
    await untilTaken(now.client, 1);
    expect(textsOf(now.client)).toEqual(['after']);
    expect([bench.mock.dials, bench.proxy.sessions]).toEqual([1, 1]);
  });

  const strangers: [who: string, asking: (bench: AbuseBench) => { token: string; route: string }][] = [
    ['another user', (bench) => ({ token: bench.token({ claims: { sub: 'bob' } }), route: ROUTE })],
    ['the same user at another path', (bench) => ({ token: bench.token(), route: HEALTHY_ROUTE })],
  ];

  test.for(strangers)(
    'gives a session to nobody but its user at its path: %s',
    async ([, asking], context) => {
      const bench = await start(context, { upstream: 'echo' });
      const own = await ask(bench);
      own.client.send('mine');
      await untilTaken(own.client, 1);
      const vp = toSessionQuery({ id: own.hello.id, received: 0 });
      const other = await ask(bench, { vp, ...asking(bench) });
      expect(other.hello).toMatchObject({ resumed: false, received: 0, reset: { cause: 'unknown' } });
      other.client.send('theirs');
      own.client.send('still mine');
      await untilTaken(own.client, 2);
      await untilTaken(other.client, 1);
      expect([textsOf(own.client), textsOf(other.client)]).toEqual([['mine', 'still mine'], ['theirs']]);
      expect(bench.mock.dials).toBe(2);
    },
  );

  test('begins a new session for an id that nobody has issued', async (context) => {
    const bench = await start(context, { upstream: 'echo' });
    const vp = toSessionQuery({ id: 'x'.repeat(24), received: 7 });
    const { client, hello } = await ask(bench, { vp });
    expect(hello).toMatchObject({ resumed: false, received: 0, reset: { cause: 'unknown' } });
    client.send('one');
    await untilTaken(client, 1);
    acknowledge({ client, hello }, 1);
    client.send('two');
    await untilTaken(client, 2);
    expect(client.hasCloseFrame).toBe(false);
  });

  test('takes an id again until the client has shown that it knows the next', async (context) => {
    const bench = await start(context, { upstream: 'echo' });
    const token = bench.token();
    const { client, hello } = await ask(bench, { token });
    client.reset();
    const vp = toSessionQuery({ id: hello.id, received: 0 });
    const lost = await ask(bench, { vp, token });
    lost.client.reset();
    bench.clock.advance(ACK_MS);
    const back = await ask(bench, { vp, token });
    expect([lost.hello.resumed, back.hello.resumed]).toEqual([true, true]);
    back.client.send('here');
    await untilTaken(back.client, 1);
    bench.clock.advance(ACK_MS);
    const late = await ask(bench, { vp, token });
    expect(late.hello).toMatchObject({ resumed: false, reset: { cause: 'unknown' } });
    back.client.send('untouched');
    await untilTaken(back.client, 2);
  });

  test('tells exactly what is lost when it cannot go on, and ends what was left', async (context) => {
    const bench = await start(context);
    const pair = await open(bench);
    const { connection } = pair.client;
    for (const text of ['1', '2', '3']) pair.session.send(text);
    for (const text of ['a', 'b']) pair.client.send(text);
    await untilTaken(connection.client, 3);
    acknowledge(connection, 3);
    pair.client.send('c');
    await untilUp(pair, 3);
    connection.client.reset();
    await untilLogged(bench, 'session held');
    const back = await ask(bench, { vp: toSessionQuery({ id: connection.hello.id, received: 2 }) });
    expect(back.hello).toMatchObject({ resumed: false, received: 0 });
    expect(back.hello.reset).toEqual({ cause: 'lost', received: 3, sent: 3 });
    expect(await pair.session.closed).toMatchObject({ code: NORMAL_CLOSURE });
    expect(dataOf(back.client)).toEqual([]);
  });
});
