import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import type { Authenticator } from '../../src/index.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';
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

const left = (logs: readonly string[]): number =>
  logs.filter((line) => line.includes('client left before its session opened')).length;

/** Resolves when the proxy has seen the client off. */
const seenOff = ({ logs }: AbuseBench, count = 1): Promise<void> =>
  eventually(
    () => left(logs) >= count,
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

test('frees the place of every client that leaves while it is authenticated', async (context) => {
  const gate = createGate();
  await runAbuseCase(context, {
    proxy: { auth: gate.auth, limits: { toldRefusals: 1 } },
    async attack(bench) {
      const clients = await Promise.all(Array.from({ length: 20 }, () => bench.upgrade()));
      await gate.asked();
      for (const client of clients) client.reset();
      await seenOff(bench, 20);
      gate.release();
    },
    wire: 'nothing',
  });
});

test('leaves no upstream session when 20 clients leave while it is dialled', async (context) => {
  await runAbuseCase(context, {
    upstream: 'slowOpen',
    async attack(bench) {
      for (let count = 1; count <= 20; count += 1) {
        const client = await bench.upgrade();
        await bench.mock.waitForDial(count);
        departures[count % 2]?.[1](client);
      }
    },
    wire: 'nothing',
    dials: 20,
    also({ logs }) {
      const ended = logs.filter((line) => line.includes('session ended'));
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
        const client = await bench.upgrade();
        await bench.mock.waitForDial(count);
        client.reset();
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
      const client = await bench.upgrade();
      await bench.mock.waitForDial(1);
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

/** A whole frame with this much more than the budget in it. */
const tooMuch = (): Buffer =>
  encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(BUDGET), mask: true });

async function floodDuringAuth(bench: AbuseBench, gate: ReturnType<typeof createGate>): Promise<RawClient> {
  const client = await bench.upgrade();
  await gate.asked();
  client.sendBytes(tooMuch());
  await client.response();
  gate.release();
  return client;
}

test('ends a client that sends too much while it is authenticated', async (context) => {
  const gate = createGate();
  await runAbuseCase(context, {
    proxy: { auth: gate.auth, limits: { earlyBytes: BUDGET } },
    attack: (bench) => floodDuringAuth(bench, gate),
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
      const client = await bench.upgrade();
      await bench.mock.waitForDial(1);
      for (let part = 0; part < 11; part += 1) client.sendBytes(Buffer.alloc(BUDGET / 10));
      return client;
    },
    wire: { told: 'TooLarge' },
    dials: 1,
  });
});

test('keeps early frames up to the budget, and passes them on in order', async (context) => {
  const early = encodeFrame({ opcode: OPCODES.text, payload: 'x'.repeat(BUDGET - 8), mask: true });
  expect(early).toHaveLength(BUDGET);
  await runAbuseCase(context, {
    proxy: { limits: { earlyBytes: BUDGET } },
    async attack(bench) {
      const client = await bench.upgrade({ tail: early });
      await client.waitForMessage(({ payload }) => payload.length === BUDGET - 8);
      client.close(NORMAL_CLOSURE);
      return client;
    },
    wire: { passed: { code: NORMAL_CLOSURE, reason: '' } },
    dials: 1,
  });
});
