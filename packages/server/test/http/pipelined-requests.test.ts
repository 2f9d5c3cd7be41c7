/** Requests that a client sends without waiting for the answers before them. */
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { QUESTION, startClaude } from '../support/claude-bench.ts';
import { eventually } from '../support/eventually.ts';
import { rawPost, type HttpBench } from '../support/http-bench.ts';

const ask = (bench: HttpBench): Buffer => {
  const body = JSON.stringify(QUESTION);
  const lines = ['Content-Type: application/json', `Content-Length: ${body.length}`];
  return rawPost(bench, '/api/query', lines, body);
};

const untilIdle = ({ clock }: HttpBench): Promise<void> =>
  eventually(
    () => clock.pending() === 0,
    () => `${clock.pending()} timers to end`,
  );

test('are answered in their order', async (context) => {
  const { bench } = await startClaude(context);
  const client = await bench.raw(Buffer.concat([ask(bench), ask(bench), ask(bench)]));
  const count = (): number => client.received.toString().split('MRR is 92,148.74.').length - 1;
  await client.until(() => count() === 3, 'three answers');
  expect(bench.logs.map(({ status }) => status)).toEqual([200, 200, 200]);
});

test('are all let go, and logged, when their client leaves', async (context) => {
  const { bench, upstream } = await startClaude(context, { script: () => undefined });
  const client = await bench.raw(Buffer.concat([ask(bench), ask(bench), ask(bench)]));
  await upstream.until(() => upstream.requests.filter(({ isWhole }) => isWhole).length === 3, 'all of them');
  client.destroy();
  await upstream.until(() => upstream.requests.every(({ isGone }) => isGone), 'the calls to be stopped');
  await bench.proxy.drain(60_000);
  expect(bench.logs).toHaveLength(3);
  for (const line of bench.logs) expect(line).toMatchObject({ status: 499, why: 'client left' });
  await untilIdle(bench);
});

test('end their connection when they are too many', async (context) => {
  const { bench } = await startClaude(context, { script: () => undefined });
  const client = connect(bench.port, '127.0.0.1');
  context.onTestFinished(() => void client.destroy());
  client.on('error', () => undefined);
  client.write(Buffer.concat(Array.from({ length: 50 }, () => ask(bench))));
  await eventually(
    () => client.closed,
    () => 'the connection to end',
  );
  await bench.proxy.drain(60_000);
  await untilIdle(bench);
});
