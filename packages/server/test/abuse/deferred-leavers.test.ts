import { expect, test } from 'vitest';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import type { Authenticator } from '../../src/index.ts';
import { openWs } from '../support/ws-client.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { linesSaying, runAbuseCase } from '../support/abuse-case.ts';
import { ASKING, DEFERRED, firstText, STRIPPED } from '../support/deferred-route.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { GOODBYE } from '../support/session-case.ts';
import { createTestSignal } from '../support/test-signal.ts';

async function waiting(bench: AbuseBench): Promise<RawClient> {
  const client = await bench.upgrade(ASKING);
  await client.response();
  return client;
}

const seenOff = ({ logs }: AbuseBench): Promise<void> =>
  eventually(
    () => linesSaying(logs, 'client left before its session opened').length > 0,
    () => 'a client to be seen off',
  );

const departures: [how: string, leave: (client: RawClient) => void][] = [
  ['resets the connection', (client) => client.reset()],
  ['ends its side', (client) => client.endStream()],
];

test.for(departures)('lets go of a client that %s before its message', async ([, leave], context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      leave(await waiting(bench));
      await seenOff(bench);
    },
    wire: 'nothing',
  });
});

test('answers the close frame of a client that leaves before its message', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const client = await waiting(bench);
      client.close(4001, 'no');
      await seenOff(bench);
      return client;
    },
    wire: { passed: { code: 4001, reason: 'no' } },
  });
});

test.for(departures)(
  'dials nothing for a client that %s while its token is checked',
  async (row, context) => {
    const asked = createTestSignal();
    const done = createTestSignal();
    const authenticate: Authenticator['authenticate'] = async () => {
      asked.tell(undefined);
      await done.told();
      return { principal: { id: 'alice' } };
    };
    await runAbuseCase(context, {
      ...DEFERRED,
      proxy: { auth: { title: 'slow', authenticate } },
      async attack(bench) {
        const client = await waiting(bench);
        client.send(firstText(bench));
        await asked.told();
        row[1](client);
        await seenOff(bench);
        done.tell(undefined);
      },
      wire: 'nothing',
    });
  },
);

test.for(departures)('leaves no upstream when a client %s while it is dialled', async (row, context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    upstream: 'slowOpen',
    async attack(bench) {
      const client = await waiting(bench);
      client.send(firstText(bench));
      await bench.mock.waitForDial(1);
      row[1](client);
    },
    wire: 'nothing',
    dials: 1,
  });
});

test('passes what comes behind the token in one packet, in order and in its kind', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    upstream: 'slowOpen',
    async attack(bench) {
      const client = await waiting(bench);
      client.send(firstText(bench));
      client.send('{"type":"KeepAlive"}');
      client.send(Buffer.from([1, 2, 3]));
      await bench.mock.waitForDial(1);
      client.send('{"api_key":"said later"}');
      bench.mock.release();
      const session = await bench.mock.waitForSession();
      await session.waitForFrame(() => session.frames.length === 4);
      expect(session.frames.map(({ kind, payload }) => [kind, payload.toString()])).toEqual([
        ['text', STRIPPED],
        ['text', '{"type":"KeepAlive"}'],
        ['binary', '\u0001\u0002\u0003'],
        // Of the first message alone is the field a credential.
        ['text', '{"api_key":"said later"}'],
      ]);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 1,
  });
});

test('takes a message that comes in the packet of the request', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const tail = encodeFrame({ opcode: OPCODES.text, payload: firstText(bench), mask: true });
      const client = await bench.upgrade({ ...ASKING, tail });
      const session = await bench.mock.waitForSession();
      await session.waitForFrame(({ payload }) => payload.toString() === STRIPPED);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 1,
  });
});

test('ends a client that sends too much behind its token while the upstream is dialled', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    upstream: 'slowOpen',
    proxy: { limits: { earlyBytes: 2_000 } },
    async attack(bench) {
      const client = await waiting(bench);
      client.send(firstText(bench));
      await bench.mock.waitForDial(1);
      for (let count = 0; count < 3; count += 1) client.send(Buffer.alloc(1_000));
      return client;
    },
    wire: { told: 'TooLarge' },
    dials: 1,
  });
});

test('tells a client over its open socket that the upstream cannot be reached', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    upstream: 'refuse',
    async attack(bench) {
      const client = await waiting(bench);
      client.send(firstText(bench));
      return client;
    },
    wire: { told: 'UpstreamAuth' },
    dials: 1,
  });
});

test('keeps 1000 silent sockets waiting no longer than the deadline, and no more than its number', async (context) => {
  const MOST = 50;
  const { httpStatus } = CLOSE_ROWS.AuthUnavailable;
  await runAbuseCase(context, {
    ...DEFERRED,
    proxy: { limits: { credentialSockets: MOST } },
    async attack(bench) {
      const clients = await Promise.all(Array.from({ length: 1_000 }, () => bench.upgrade(ASKING)));
      const answers = await Promise.all(clients.map(async (client) => (await client.response()).status));
      expect(answers.filter((status) => status === 101)).toHaveLength(MOST);
      expect(answers.filter((status) => status === httpStatus)).toHaveLength(1_000 - MOST);
      bench.clock.advance(5_000);
      const [first] = clients.filter((_, at) => answers[at] === 101);
      return first;
    },
    wire: { told: 'AuthRequired' },
    patienceMs: 10_000,
  });
}, 30_000);

test('has room again for another client once one has left', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    proxy: { limits: { credentialSockets: 1 } },
    async attack(bench) {
      (await waiting(bench)).reset();
      await seenOff(bench);
      const client = await waiting(bench);
      client.send(firstText(bench));
      await bench.mock.waitForSession();
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 1,
  });
});

test('refuses a foreign page before its handshake', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    attack: (bench) => bench.upgrade({ ...ASKING, headers: { Origin: 'https://evil.test' } }),
    wire: { http: CLOSE_ROWS.OriginDenied.httpStatus, error: CLOSE_ROWS.OriginDenied.word },
  });
});

test('serves a client by the ws package whose only credential is its first message', async (context) => {
  await runAbuseCase(context, {
    ...DEFERRED,
    async attack(bench) {
      const client = await openWs(context, `${bench.listening.url.replace('http', 'ws')}${ASKING.target}`);
      client.send(firstText(bench));
      expect((await client.waitForFrame()).payload.toString()).toBe(STRIPPED);
      await client.close(NORMAL_CLOSURE);
    },
    wire: 'nothing',
    dials: 1,
  });
});
