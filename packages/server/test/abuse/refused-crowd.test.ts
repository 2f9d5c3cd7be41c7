import { expect, test } from 'vitest';
import { CLOSE_ROWS } from '../../src/contract/index.ts';
import { linesSaying, runAbuseCase } from '../support/abuse-case.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { eventually } from '../support/eventually.ts';
import type { RawClient } from '../support/raw-client.ts';

const MOST = 3;

/** Refused clients that never read what they are told, so that they stay until they are cut off. */
async function crowd(bench: AbuseBench, count: number): Promise<RawClient[]> {
  const clients: RawClient[] = [];
  for (let number = 0; number < count; number += 1) {
    const client = await bench.upgrade({ target: bench.target('token=bad') });
    client.pauseReading();
    clients.push(client);
    await eventually(
      () => linesSaying(bench.logs, 'session refused').length === clients.length,
      () => `refusal ${clients.length}`,
    );
  }
  return clients;
}

const statuses = (clients: readonly RawClient[]): Promise<number[]> =>
  Promise.all(clients.map(async (client) => (await client.response()).status));

test('tells a few refused clients over the socket at once, and the others by HTTP', async (context) => {
  const { httpStatus } = CLOSE_ROWS.AuthInvalid;
  await runAbuseCase(context, {
    proxy: { limits: { toldRefusals: MOST } },
    async attack(bench) {
      const clients = await crowd(bench, MOST + 2);
      for (const client of clients) client.resumeReading();
      expect(await statuses(clients)).toEqual([101, 101, 101, httpStatus, httpStatus]);
    },
    wire: 'nothing',
  });
});

test('cuts off refused clients that do not leave, and has room again', async (context) => {
  await runAbuseCase(context, {
    proxy: { limits: { toldRefusals: MOST } },
    async attack(bench) {
      await crowd(bench, MOST);
      bench.clock.advance(1_000);
      return bench.upgrade({ target: bench.target('token=bad') });
    },
    wire: { told: 'AuthInvalid' },
    // They have not read a byte until now.
    also: ({ clients }) => clients.forEach((client) => client.resumeReading()),
  });
});

test('tells a refused client why that goes on sending', async (context) => {
  await runAbuseCase(context, {
    async attack(bench) {
      const client = await bench.upgrade({ target: bench.target('token=bad') });
      for (let count = 0; count < 100; count += 1) client.send(Buffer.alloc(10_000));
      return client;
    },
    wire: { told: 'AuthInvalid' },
  });
});
