import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import type { Authenticator } from '../../src/index.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { linesSaying, runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
import { GOODBYE } from '../support/session-case.ts';
import { createTestSignal } from '../support/test-signal.ts';

const ALICE = { principal: { id: 'alice' } };

/** Authentication that waits until it is released, then lets everybody in. */
function createGate(): { auth: Authenticator; asked: () => Promise<void>; release: () => void } {
  const asked = createTestSignal();
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const authenticate: Authenticator['authenticate'] = async () => {
    asked.tell(undefined);
    await released;
    return ALICE;
  };
  return { auth: { title: 'a gate', authenticate }, asked: asked.told, release };
}

/** Resolves when the proxy has seen the client off. */
const seenOff = ({ logs }: AbuseBench, count = 1): Promise<void> =>
  eventually(
    () => linesSaying(logs, 'client left before its session opened').length >= count,
    () => `${count} clients to be seen off`,
  );

const departures: [how: string, leave: (client: RawClient) => void][] = [
  ['resets the connection', (client) => client.reset()],
  ['ends its side', (client) => client.endStream()],
];

test.for(departures)('dials nothing for a client that %s while it is authenticated', async (row, context) => {
  const [, leave] = row;
  const gate = createGate();
  await runAbuseCase(context, {
    proxy: { auth: gate.auth },
    async attack(bench) {
      const client = await bench.upgrade();
      await gate.asked();
      leave(client);
      await seenOff(bench);
      expect(bench.clock.pending()).toBe(0);
      gate.release();
    },
    wire: 'nothing',
  });
});

test('keeps no place of a refusal for clients that leave while they are authenticated', async (context) => {
  const gate = createGate();
  await runAbuseCase(context, {
    proxy: { auth: gate.auth, limits: { toldRefusals: 1 } },
    async attack(bench) {
      const clients = await Promise.all(Array.from({ length: 20 }, () => bench.upgrade()));
      await gate.asked();
      for (const client of clients) client.reset();
      await seenOff(bench, 20);
      gate.release();
      bench.mock.setScenario('refuse');
      return bench.upgrade();
    },
    wire: { told: 'UpstreamAuth' },
    dials: 1,
  });
});

test('leaves no upstream session when 20 clients leave while it is dialled', async (context) => {
  await runAbuseCase(context, {
    upstream: 'slowOpen',
    async attack(bench) {
      for (let count = 1; count <= 20; count += 1) {
        departures[count % 2]?.[1](await bench.dial());
      }
    },
    wire: 'nothing',
    dials: 20,
    also({ logs }) {
      const ended = linesSaying(logs, 'session ended');
      expect(ended.map((line) => JSON.parse(line) as unknown)).toMatchObject(
        Array.from({ length: 20 }, () => ({ cause: 'client', code: 1006, up: { frames: 0 } })),
      );
      // The end of the session says it all.
      expect(logs).toHaveLength(40);
    },
  });
});

test('leaves no upstream session when 20 clients leave just as it opens', async (context) => {
  await runAbuseCase(context, {
    upstream: 'slowOpen',
    async attack(bench) {
      for (let count = 1; count <= 20; count += 1) {
        (await bench.dial()).reset();
        bench.mock.release();
      }
    },
    wire: 'nothing',
    dials: 20,
  });
});

test('passes on the close of a client that says goodbye while the upstream is dialled', async (context) => {
  await runAbuseCase(context, {
    upstream: 'slowOpen',
    async attack(bench) {
      const client = await bench.dial();
      client.close(4001, 'changed my mind');
      bench.mock.release();
      const { closed } = await bench.mock.waitForSession();
      expect(await closed).toMatchObject({ code: 4001, reason: 'changed my mind' });
      return client;
    },
    wire: { passed: { code: 4001, reason: 'changed my mind' } },
    dials: 1,
  });
});

const BUDGET = 1000;

/** A whole frame whose header is what the budget has no room for. */
const tooMuch = (): Buffer =>
  encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(BUDGET), mask: true });

test('ends a client that sends too much while it is authenticated', async (context) => {
  const gate = createGate();
  await runAbuseCase(context, {
    proxy: { auth: gate.auth, limits: { earlyBytes: BUDGET } },
    async attack(bench) {
      const client = await bench.upgrade();
      await gate.asked();
      client.sendBytes(tooMuch());
      await client.response();
      gate.release();
      return client;
    },
    wire: { told: 'TooLarge' },
  });
});

test('ends a client that sends too much with its request', async (context) => {
  const gate = createGate();
  await runAbuseCase(context, {
    proxy: { auth: gate.auth, limits: { earlyBytes: BUDGET } },
    async attack(bench) {
      const client = await bench.upgrade({ tail: tooMuch() });
      await client.response();
      gate.release();
      return client;
    },
    wire: { told: 'TooLarge' },
  });
});

test('ends a client that sends too much while the upstream is dialled', async (context) => {
  await runAbuseCase(context, {
    upstream: 'slowOpen',
    proxy: { limits: { earlyBytes: BUDGET } },
    async attack(bench) {
      const client = await bench.dial();
      for (let part = 0; part < 11; part += 1) client.sendBytes(Buffer.alloc(BUDGET / 10));
      return client;
    },
    wire: { told: 'TooLarge' },
    dials: 1,
  });
});

test('keeps early frames up to the budget, and passes them on in order', async (context) => {
  const texts = ['in the packet of the request', 'x'.repeat(BUDGET - 34 - 8)];
  const [first = '', second = ''] = texts.map((payload) =>
    encodeFrame({ opcode: OPCODES.text, payload, mask: true }),
  );
  expect(first.length + second.length).toBe(BUDGET);
  await runAbuseCase(context, {
    upstream: 'slowOpen',
    mock: { allow: { anyFirstFrame: true } },
    proxy: { limits: { earlyBytes: BUDGET } },
    async attack(bench) {
      const client = await bench.dial({ tail: first });
      client.sendBytes(second);
      // Once another session has opened, the proxy has read both.
      bench.mock.setScenario('echo');
      (await bench.open()).client.close(NORMAL_CLOSURE);
      bench.mock.release();
      const session = await bench.mock.waitForSession();
      await session.waitForFrame(() => session.frames.length === texts.length);
      expect(session.frames.map(({ payload }) => payload.toString())).toEqual(texts);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: GOODBYE,
    dials: 2,
  });
});
