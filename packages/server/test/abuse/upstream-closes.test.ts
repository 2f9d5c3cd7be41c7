import { test } from 'vitest';
import { ABNORMAL_CLOSURE, CLOSE_ROWS, NO_STATUS } from '../../src/contract/index.ts';
import { RUBBISH, type RubbishName } from '../../src/testing/scenarios/payloads.ts';
import { DEEPGRAM_POLICY, Secret } from '../../src/index.ts';
import type { ScenarioChoice } from '../../src/testing/scenarios/index.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import type { RawClient } from '../support/raw-client.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';

/** Opens a session and sends the one frame for which the scenarios wait. */
async function goAndSend(bench: AbuseBench): Promise<RawClient> {
  const client = await bench.upgrade();
  client.send('{"type":"Settings"}');
  return client;
}

/** The same, and a question, in whose answer the upstream vanishes. */
async function goAndAsk(bench: AbuseBench): Promise<RawClient> {
  const client = await goAndSend(bench);
  client.send('{"type":"InjectUserMessage","content":"hello"}');
  return client;
}

const closes = (code: number | 'none', reason: string | Buffer = ''): ScenarioChoice => ({
  name: 'closeWith',
  code,
  reason,
  afterFrames: 1,
});

const unsendable = [0, 401, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535];

test.for(unsendable)('tells of a lost upstream when that closes with %i', async (code, context) => {
  await runAbuseCase(context, {
    upstream: closes(code, 'why'),
    attack: goAndSend,
    wire: { ended: 'UpstreamUnavailable' },
    dials: 1,
  });
});

test('keeps a close without a code a plain end', async (context) => {
  await runAbuseCase(context, {
    upstream: closes('none'),
    attack: goAndSend,
    wire: { passed: { code: NO_STATUS, reason: '' } },
    dials: 1,
  });
});

const half = Math.ceil(MOCK_SECRET.length / 2);

const leaks: [how: string, reason: string][] = [
  ['plain', 'the key {secret} ran out'],
  ['in capitals', `THE KEY ${MOCK_SECRET.toUpperCase()}`],
  ['percent-encoded', 'key {secret:percent}'],
  ['percent-encoded where URLs need it', `k=${encodeURIComponent(MOCK_SECRET)}`],
  ['in base64', '{secret:base64}'],
  ['in base64 behind one character', Buffer.from(`:${MOCK_SECRET}`).toString('base64')],
  ['in base64 behind two characters', Buffer.from(`k:${MOCK_SECRET}`).toString('base64')],
  ['in base64url', Buffer.from(MOCK_SECRET).toString('base64url')],
  ['in hex', Buffer.from(MOCK_SECRET).toString('hex')],
  ['as a bearer text', 'Bearer something-else-that-opens'],
  ['by its first half', `your key ${MOCK_SECRET.slice(0, half)}...`],
  ['by its second half', `key ending in ${MOCK_SECRET.slice(-half)}`],
  ['by eight characters in front', `key ${MOCK_SECRET.slice(0, 8)}***`],
  ['by the last eight characters', `key ***${MOCK_SECRET.slice(-8)}`],
];

test.for(leaks)('drops a close reason that tells the key, %s', async ([, reason], context) => {
  const { code } = CLOSE_ROWS.Internal;
  await runAbuseCase(context, {
    upstream: closes(code, reason),
    attack: goAndSend,
    wire: { passed: { code, reason: '' } },
    dials: 1,
  });
});

test('drops a close reason that tells what a policy has written into a message', async (context) => {
  const key = 'llm-key-9f8e7d6c5b4a';
  const endpoint = { url: 'https://llm.test', headers: { 'x-api-key': new Secret(key) } };
  await runAbuseCase(context, {
    policy: { ...DEEPGRAM_POLICY, locked: { endpoint } },
    upstream: closes(4401, `x-api-key ${key} was rejected`),
    attack: goAndSend,
    wire: { passed: { code: 4401, reason: '' } },
    dials: 1,
  });
});

test('drops a close reason with control characters', async (context) => {
  await runAbuseCase(context, {
    upstream: closes(4000, 'one\r\ntwo\0'),
    attack: goAndSend,
    wire: { passed: { code: 4000, reason: '' } },
    dials: 1,
  });
});

test('hides hosts and addresses in a close reason', async (context) => {
  await runAbuseCase(context, {
    upstream: closes(4000, 'agent-7.prod.internal:9000 lost 10.0.0.7'),
    attack: goAndSend,
    wire: { passed: { code: 4000, reason: '… lost …' } },
    dials: 1,
  });
});

test.for([
  ['binary rubbish', Buffer.from([0xff, 0xfe, 0x00])],
  ['more bytes than a close frame holds', Buffer.alloc(124, 'x')],
] as const)('tells of a lost upstream when its close reason is %s', async ([, reason], context) => {
  await runAbuseCase(context, {
    upstream: closes(4000, reason),
    attack: goAndSend,
    wire: { ended: 'UpstreamUnavailable' },
    dials: 1,
  });
});

/** What a text says is the client's to judge: the bytes pass as they are. */
const { badUtf8: _, ...illegal } = RUBBISH;

test.for(Object.keys(illegal) as RubbishName[])(
  'tells of a lost upstream when that sends the illegal frame %s',
  async (what, context) => {
    await runAbuseCase(context, {
      upstream: { name: 'rubbish', what, afterFrames: 1 },
      attack: goAndSend,
      wire: { ended: 'UpstreamUnavailable' },
      dials: 1,
    });
  },
);

const vanishings: [how: string, upstream: ScenarioChoice][] = [
  ['resets the connection', { name: 'dropAfter' }],
  ['ends its side without a close frame', { name: 'halfClose', afterFrames: 2 }],
];

test.for(vanishings)('tells of a lost upstream when that %s', async ([, upstream], context) => {
  await runAbuseCase(context, {
    upstream,
    attack: goAndAsk,
    wire: { ended: 'UpstreamUnavailable' },
    dials: 1,
  });
});

test('ends the connection of a client to whom half a frame was passed, since nothing may stand in it', async (context) => {
  await runAbuseCase(context, {
    upstream: { name: 'dropAfter', isMidFrame: true },
    attack: goAndAsk,
    wire: { passed: { code: ABNORMAL_CLOSURE, reason: '' } },
    dials: 1,
  });
});

test('passes on a close that comes in the same packet as the accepted upgrade', async (context) => {
  await runAbuseCase(context, {
    upstream: { name: 'closeWith', code: 4000, reason: 'not today' },
    attack: (bench) => bench.upgrade(),
    wire: { passed: { code: 4000, reason: 'not today' } },
    dials: 1,
  });
});
