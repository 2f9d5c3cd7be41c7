import { expect, test } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { type AbuseBench, ROUTE, startBench } from '../support/abuse-bench.ts';
import type { RawUpgradeOptions } from '../support/raw-request.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';

type Line = Record<string, unknown>;

const linesOf = ({ logs }: AbuseBench): Line[] => logs.map((line) => JSON.parse(line) as Line);

/** What the log must never hold, whatever happens. */
function expectClean(bench: AbuseBench): void {
  expectNoSecret(MOCK_SECRET, bench.logs, 'logs');
  for (const token of bench.tokens) {
    expectNoSecret(token, bench.logs, 'logs');
    for (const part of token.split('.')) expect(bench.logs.join('\n')).not.toContain(part);
  }
  expect(bench.logs.join('\n')).not.toMatch(/[?&]|token=|:\/\/|eyJ/);
}

test('writes one line when a session starts and one when it ends', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const target = bench.target(`keyterm=private-word&encoding=linear16&token=${bench.token()}`);
  const client = await bench.upgrade({ target });
  client.send('a private text');
  await client.waitForMessage();
  bench.clock.advance(1_500);
  client.close(NORMAL_CLOSURE, 'a private reason');
  await client.waitForClose();
  await bench.proxy.drain();
  const [started, ended] = linesOf(bench);
  expect(bench.logs).toHaveLength(2);
  expect(started).toMatchObject({
    msg: 'session started',
    route: ROUTE,
    service: 'listen',
    principal: 'alice',
  });
  expect(ended).toMatchObject({
    msg: 'session ended',
    sessionId: started?.['sessionId'],
    cause: 'client',
    code: NORMAL_CLOSURE,
    durationMs: 1_500,
    up: { frames: 1, bytes: 14 },
    down: { frames: 1, bytes: 14 },
  });
  expect(bench.logs.join('\n')).not.toContain('private');
  expectClean(bench);
});

test('gives every session an id of its own, which its client can tell', async (context) => {
  const bench = await startBench(context, { upstream: { name: 'refuse', status: 500 } });
  for (const client of [await bench.upgrade(), await bench.upgrade()]) {
    const { payload } = await client.waitForMessage();
    const { session_id: id } = JSON.parse(String(payload)) as { session_id: string };
    expect(linesOf(bench).filter(({ sessionId }) => sessionId === id)).toMatchObject([
      { msg: 'session started' },
      {
        msg: 'session ended',
        cause: CLOSE_ROWS.UpstreamUnavailable.word,
        code: CLOSE_ROWS.UpstreamUnavailable.code,
        why: 'the provider answered 500 to the upgrade',
      },
    ]);
  }
  expect(new Set(linesOf(bench).map(({ sessionId }) => sessionId)).size).toBe(2);
  expectClean(bench);
});

const refused: [what: string, code: string, ask: (bench: AbuseBench) => Partial<RawUpgradeOptions>][] = [
  ['no token', CLOSE_ROWS.AuthRequired.word, () => ({ target: ROUTE })],
  [
    'an expired token',
    CLOSE_ROWS.AuthExpired.word,
    (bench) => ({ target: bench.target(`token=${bench.token({ claims: { exp: 1 } })}`) }),
  ],
  [
    'two tokens',
    CLOSE_ROWS.BadRequest.word,
    (bench) => ({
      target: bench.target(`token=${bench.token()}&token=${bench.token({ claims: { sub: 'bob' } })}`),
    }),
  ],
  [
    'a callback',
    CLOSE_ROWS.PolicyViolation.word,
    (bench) => ({ target: bench.target(`callback=https://evil.example/&token=${bench.token()}`) }),
  ],
  [
    'a foreign origin',
    CLOSE_ROWS.OriginDenied.word,
    () => ({ headers: { Origin: 'http://evil.example', 'User-Agent': 'one\ttwo' } }),
  ],
];

test.for(refused)('writes one line about a client with %s', async ([, code, ask], context) => {
  const bench = await startBench(context);
  const client = await bench.upgrade(ask(bench));
  await client.waitForClose();
  expect(linesOf(bench)).toMatchObject([{ msg: 'session refused', route: ROUTE, code, level: 40 }]);
  expectClean(bench);
});

test('writes no third line about a client that left while the upstream was dialled', async (context) => {
  const bench = await startBench(context, { upstream: 'slowOpen' });
  const client = await bench.upgrade();
  await bench.mock.waitForDial(1);
  client.reset();
  await bench.mock.waitForIdle();
  const lines = linesOf(bench);
  expect(lines).toMatchObject([
    { msg: 'session started' },
    { msg: 'session ended', cause: 'client', code: 1006, up: { frames: 0 }, down: { frames: 0 } },
  ]);
  expect(lines).toHaveLength(2);
  expect(lines[1]).not.toHaveProperty('why');
  expectClean(bench);
});

test('writes a principal with line breaks into one line', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const sub = 'alice\n{"level":30,"msg":"forged"}\u001b[31m';
  const client = await bench.upgrade({ target: bench.target(`token=${bench.token({ claims: { sub } })}`) });
  client.close(NORMAL_CLOSURE);
  await client.waitForClose();
  await bench.proxy.drain();
  expect(bench.logs).toHaveLength(2);
  expect(bench.logs.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true);
  expect(linesOf(bench)[0]).toMatchObject({ principal: sub });
});

test('writes nothing about frames that pass', async (context) => {
  const bench = await startBench(context, { upstream: 'echo' });
  const client = await bench.upgrade();
  for (let count = 0; count < 50; count += 1) client.send(`frame ${count}`);
  await client.waitForMessage(({ payload }) => payload.toString() === 'frame 49');
  expect(linesOf(bench).map(({ msg }) => msg)).toEqual(['session started']);
});
