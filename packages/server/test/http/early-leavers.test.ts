/** Clients that leave before the application has handed their request over. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { claude } from '../../src/index.ts';
import { MODEL } from '../support/claude-script.ts';
import { startHttpBench } from '../support/http-bench.ts';
import { startHttpUpstream } from '../support/http-upstream.ts';
import { rawUpgrade } from '../support/raw-client.ts';

test('a request whose client left before it was handed over is logged, asks nobody, and holds no drain up', async (context) => {
  const upstream = await startHttpUpstream(context, () => undefined);
  const routes = claude({ apiKey: 'sk-not-a-real-key', model: MODEL, baseUrl: upstream.url });
  const bench = await startHttpBench(context, { routes });
  const body = '{"prompt":"a"}';
  const request = [
    ...['POST /api/query HTTP/1.1', 'Host: h', `Authorization: Bearer ${bench.token()}`],
    ...['Content-Type: application/json', `Content-Length: ${body.length}`],
  ];
  const application = createServer();
  context.onTestFinished(() => void application.close());
  application.listen(0, '127.0.0.1');
  await once(application, 'listening');
  const { port } = application.address() as AddressInfo;
  const came = once(application, 'request');
  const client = await rawUpgrade(context, { port, request: `${request.join('\r\n')}\r\n\r\n${body}` });
  const [message, response] = await came;
  const closed = once(response, 'close');
  client.destroy();
  await closed;

  bench.proxy.handle(message, response);
  await bench.proxy.drain(60_000);
  expect(bench.logs).toMatchObject([{ route: '/api/query', status: 499, why: 'client left' }]);
  expect(upstream.requests).toEqual([]);
  expect(bench.clock.pending()).toBe(0);
});
