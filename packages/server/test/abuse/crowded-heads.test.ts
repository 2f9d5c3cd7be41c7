import { expect, test } from 'vitest';
import { type AbuseBench, ROUTE } from '../support/abuse-bench.ts';
import { runAbuseCase } from '../support/abuse-case.ts';
import type { RawUpgradeOptions } from '../support/raw-request.ts';
import { runSessionCase } from '../support/session-case.ts';

/** Asks, reads the status, and leaves: these connections may be kept for another request. */
const askAndLeave =
  (request: Partial<RawUpgradeOptions>, statuses: readonly number[]) =>
  async (bench: AbuseBench): Promise<void> => {
    const client = await bench.upgrade(request);
    expect(statuses).toContain((await client.response()).status);
    client.destroy();
  };

test.for(['', 'close', 'keep-alive', 'upgraded'])(
  'asks a client whose Connection header says "%s" to upgrade, and opens nothing',
  async (connection, context) => {
    await runAbuseCase(context, {
      attack: askAndLeave({ headers: { Connection: connection === '' ? null : connection } }, [426]),
      wire: 'nothing',
    });
  },
);

/** Node leaves out what stands behind the first thousand, whatever it says. */
const hidden: [what: string, behind: string[]][] = [
  ['nothing', []],
  ['a foreign origin', ['Origin: http://evil.example']],
  ['a second Authorization', ['Authorization: Bearer one', 'Authorization: Bearer two']],
  ['the announcement of a body', ['Content-Length: 5']],
];

test.for(hidden)('refuses an upgrade with 2,500 headers and %s behind them', async ([, behind], context) => {
  const rawLines = [...Array.from({ length: 2_500 }, () => 'a:b'), ...behind];
  await runAbuseCase(context, { attack: askAndLeave({ rawLines }, [400, 403, 431]), wire: 'nothing' });
});

test('refuses an upgrade with 5,000 offers of extensions', async (context) => {
  const offers = Array.from({ length: 5_000 }, () => 'permessage-deflate').join(', ');
  await runAbuseCase(context, {
    attack: askAndLeave({ headers: { 'Sec-WebSocket-Extensions': offers } }, [431]),
    wire: 'nothing',
  });
});

test('serves another while 200 clients have sent half a request', async (context) => {
  await runSessionCase(context, {
    async attack({ bench, client }) {
      const half = `GET ${ROUTE} HTTP/1.1\r\nHost: proxy.test\r\nUpgrade: web`;
      const slow = await Promise.all(Array.from({ length: 200 }, () => bench.upgrade({ request: half })));
      client.send('served');
      expect((await client.waitForMessage()).payload.toString()).toBe('served');
      for (const one of slow) {
        expect(one.received).toHaveLength(0);
        one.sendBytes('socket\r');
        one.destroy();
      }
    },
  });
});
