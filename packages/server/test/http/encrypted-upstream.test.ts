import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, test, type TestContext } from 'vitest';
import { QUESTION, startClaude } from '../support/claude-bench.ts';
import { message } from '../support/claude-script.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';

/** An API that speaks TLS with the test's certificate, and the heads that it was sent. */
async function startEncrypted(context: TestContext): Promise<{ url: string; keys: unknown[] }> {
  const keys: unknown[] = [];
  const server = createServer(TEST_CERTIFICATE, (request, response) => {
    keys.push(request.headers['x-api-key']);
    request.resume();
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(message('hello')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, keys };
}

test('asks an API whose certificate is good over TLS, again and again', async (context) => {
  const { url, keys } = await startEncrypted(context);
  const proxy = { upstreamTls: { ca: TEST_CERTIFICATE.cert } };
  const { bench } = await startClaude(context, { claude: { baseUrl: url }, proxy });
  for (let at = 0; at < 3; at += 1)
    expect(await bench.post('/api/query', QUESTION)).toMatchObject({
      status: 200,
      body: { answer: 'hello' },
    });
  expect(keys).toHaveLength(3);
});

test('shows the key to nobody whose certificate is not', async (context) => {
  const { url, keys } = await startEncrypted(context);
  const { bench } = await startClaude(context, { claude: { baseUrl: url } });
  expect((await bench.post('/api/query', QUESTION)).status).toBe(502);
  expect(keys).toEqual([]);
});
