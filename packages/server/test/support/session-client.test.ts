import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import type { FarEnd } from './far-end.ts';
import { type FakeServerOptions, startFakeSessionServer } from './fake-session-server.ts';
import { startLeanUpstream } from './lean-upstream.ts';
import { journalDifference, MessageJournal } from './message-journal.ts';
import { createRandom } from './seeded-random.ts';
import { createSessionClient, type SessionClient } from './session-client.ts';
import { NoSessionMode } from './session-wires.ts';
import type { TestCleanup } from './test-cleanup.ts';
import { createTestSignal } from './test-signal.ts';

const text = (words: string): MockFrame => ({ kind: 'text', payload: Buffer.from(words) });
const binary = (bytes: number, fill = 7): MockFrame => ({
  kind: 'binary',
  payload: Buffer.alloc(bytes, fill),
});

interface Talk {
  readonly client: SessionClient;
  /** The provider's side of the first session. */
  readonly far: FarEnd;
  /** What the provider took and gave, over all sessions. */
  readonly taken: MessageJournal;
  readonly given: MessageJournal;
  readonly sessions: () => number;
}

async function startTalk(context: TestCleanup, options: Partial<FakeServerOptions> = {}): Promise<Talk> {
  const [taken, given] = [new MessageJournal(), new MessageJournal()];
  const fars: FarEnd[] = [];
  const server = await startFakeSessionServer(context, {
    onSession(far) {
      fars.push(far);
      far.listener = { onMessage: (message) => taken.note(message) };
    },
    ...options,
  });
  const port = Number(new URL(server.url).port);
  const target = (): string => '/v1/listen?tag=1';
  const client = createSessionClient(context, { port, mode: 'session', target, deadlineMs: 1_000 });
  await client.connect();
  const far = fars[0] as FarEnd;
  const send = far.send.bind(far);
  far.send = (message, cuts) => {
    given.note(message);
    return send(message, cuts);
  };
  return { client, far, taken, given, sessions: () => fars.length };
}

/** Sees to it that everything has arrived at both ends, once and in order. */
async function expectWhole({ client, far, taken, given }: Talk): Promise<void> {
  await client.send(text('last of the client'));
  await client.settled();
  await far.send(text('last of the provider'));
  await client.waitForReceived(given.entries.length);
  expect(journalDifference(client.given.entries, taken.entries)).toBeUndefined();
  expect(journalDifference(given.entries, client.delivered.entries)).toBeUndefined();
  expect(client.faults).toEqual([]);
  expect(client.resets).toEqual([]);
}

test('counts, acknowledges and delivers both ways without a cut', async (context) => {
  const talk = await startTalk(context);
  await talk.client.send(text('{"type":"Settings"}'));
  await talk.client.send(binary(100_000), [10, 10, 500]);
  await talk.far.send(binary(0));
  await talk.far.send(binary(100_000), [1]);
  await expectWhole(talk);
  expect(talk.client.hellos).toMatchObject([{ resumed: false, received: 0 }]);
  expect(talk.client.acknowledged).toBe(3);
});

type Cut = (client: SessionClient, far: FarEnd) => unknown;

const cuts: [how: string, cut: Cut][] = [
  ['by a reset', (client) => client.cut()],
  ['in order', (client) => client.endStream()],
  ['while it sends', (client) => client.cutWhileSending(binary(50_000), 9_000, 'reset')],
  ['while it sends, in order', (client) => client.cutWhileSending(binary(50_000), 9_000, 'end')],
  [
    'while it receives',
    async (client, far) => {
      void far.send(binary(900_000, 9));
      await client.cutWhileReceiving(1_000);
    },
  ],
  ['and stays open in silence', (client) => client.abandon()],
];

test.for(cuts)('resumes without loss when it is cut %s', async ([, cut], context) => {
  const talk = await startTalk(context);
  await talk.client.send(text('before'));
  await talk.far.send(text('before, down'));
  await cut(talk.client, talk.far);
  await talk.client.send(text('while cut'));
  await talk.far.send(text('while cut, down'));
  await talk.client.resume();
  expect(talk.client.hellos.at(-1)?.resumed).toBe(true);
  await expectWhole(talk);
  await talk.client.abandonedEnded();
  expect(talk.client.connections).toBe(1);
});

test.for(['connected', 'requested', 'answered'] as const)(
  'resumes although it left earlier resumes when %s',
  async (moment, context) => {
    const talk = await startTalk(context);
    await talk.client.send(text('before'));
    for (let time = 0; time < 3; time += 1) await talk.client.resumeAndLeave(moment);
    await talk.far.send(text('meanwhile'));
    await talk.client.resume();
    await expectWhole(talk);
    expect(talk.sessions()).toBe(1);
  },
);

test('goes on when it resumed twice at once', async (context) => {
  const talk = await startTalk(context);
  talk.client.cut();
  await talk.far.send(text('meanwhile'));
  await talk.client.resumeTwice();
  // The other resume may have come second and taken the session.
  await talk.client.resume();
  await expectWhole(talk);
});

test('survives many cuts in any order under traffic', async (context) => {
  const random = createRandom(7);
  const talk = await startTalk(context, { windowBytes: 200_000 });
  for (let round = 0; round < 60; round += 1) {
    const size = random.int(0, 40_000);
    await Promise.all([
      talk.client.send(random.chance(0.5) ? text('x'.repeat(size)) : binary(size)),
      talk.far.send(binary(random.int(0, 40_000))),
    ]);
    await random.pick(cuts)[1](talk.client, talk.far);
    await talk.client.resume();
  }
  await expectWhole(talk);
});

test('reports what was lost when the server lost it', async (context) => {
  const talk = await startTalk(context, { windowBytes: 1_000, beyondWindow: 'lose' });
  await talk.client.send(text('one'));
  await talk.client.settled();
  talk.client.cut();
  await talk.client.send(text('two'));
  for (let count = 0; count < 5; count += 1) await talk.far.send(binary(400));
  await talk.client.resume();
  expect(talk.client.resets).toEqual([
    { cause: 'lost', received: 1, sent: 5, ownReceived: 0, ownSent: 2, acknowledged: 1 },
  ]);
  expect(talk.sessions()).toBe(2);
  await talk.client.send(text('anew'));
  await talk.client.settled();
  expect(talk.client.sent).toBe(1);
});

test('reports a session that is held no longer', async (context) => {
  const over = createTestSignal();
  const talk = await startTalk(context, { holdMs: 1 });
  talk.far.listener.onGone = over.tell;
  talk.client.cut();
  await over.told();
  await talk.client.resume();
  expect(talk.client.resets).toMatchObject([{ cause: 'unknown', received: undefined }]);
});

test('gets what it missed and then the close when the provider closed meanwhile', async (context) => {
  const talk = await startTalk(context);
  talk.client.cut();
  await talk.far.send(text('missed'));
  talk.far.close(4321, 'over');
  await talk.client.resume();
  expect(await talk.client.closed()).toMatchObject({ code: 4321, reason: 'over' });
  expect(talk.client.delivered.entries).toEqual(talk.given.entries);
});

const lies = ['loses', 'repeats', 'overcounts', 'keepsId', 'mumbles'] as const;

test.for(lies)('sees a server that %s', async (lie, context) => {
  const talk = await startTalk(context, { lie });
  talk.client.cut();
  for (let count = 0; count < 8; count += 1) await talk.far.send(binary(count));
  await talk.client.resume();
  await talk.client.send(text('last'));
  await expect(expectWhole(talk)).rejects.toThrow();
});

test('waits with what the application gives while the server does not acknowledge', async (context) => {
  const talk = await startTalk(context);
  talk.client.cut();
  const sent = (async () => {
    for (let count = 0; count < 6; count += 1) await talk.client.send(binary(1_048_576));
  })();
  await talk.client.send(text('behind')).catch(() => undefined);
  expect(talk.client.keptBytes).toBeLessThan(6 * 1_048_576);
  await talk.client.resume();
  await sent;
  await expectWhole(talk);
});

test('closes cleanly, and says when there is no session mode', async (context) => {
  const talk = await startTalk(context);
  expect(await talk.client.close(NORMAL_CLOSURE, 'done')).toMatchObject({ code: NORMAL_CLOSURE });
  const upstream = await startLeanUpstream(context, {
    onOpen: (peer) => void peer.send(text('welcome')),
  });
  const port = Number(new URL(upstream.url).port);
  const shared = { port, target: () => '/v1/listen?tag=1' };
  const asking = createSessionClient(context, { ...shared, mode: 'session' });
  await expect(asking.connect()).rejects.toThrow(NoSessionMode);
  await asking.until(() => asking.connections === 0 || undefined, 'its connection to be cut');
  const plain = createSessionClient(context, { ...shared, mode: 'plain' });
  await plain.connect();
  await plain.waitForReceived(1);
});
