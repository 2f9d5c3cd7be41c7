import { once } from 'node:events';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { CALL_CASES, type CallCase, fetchCase, startMockOf } from '../../test/support/mock-cases.ts';
import { watchProcess } from '../../test/support/process-watch.ts';
import { TEST_CERTIFICATE } from '../../test/support/test-certificate.ts';
import type { ScenarioSpec } from './scenarios/index.ts';

const GIBIBYTE = 1024 ** 3;
const MEBIBYTE = 1024 ** 2;
/** For what takes seconds on a busy machine. */
const PATIENT = { timeout: 60_000 };

function caseOf(service: string): CallCase {
  const found = CALL_CASES.find((the) => the.service === service);
  if (!found) throw new Error(`no case for ${service}`);
  return found;
}

const MESSAGES = caseOf('messages');

/** Reads a body to its end and keeps nothing of it. */
async function countBytes(response: Response, onChunk: () => void): Promise<number> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    onChunk();
  }
  return bytes;
}

const ENDLESS: readonly ScenarioSpec[] = [
  { name: 'flood', totalBytes: GIBIBYTE },
  { name: 'oversize', totalBytes: GIBIBYTE },
];

test.for(ENDLESS)('answers 1 GB in bounded memory: $name', PATIENT, async (scenario, context) => {
  const mock = await startMockOf(context, 'claude', { scenario });
  const response = await fetchCase(mock, MESSAGES);
  const before = process.memoryUsage().arrayBuffers;
  const exchange = await mock.waitForExchange();
  let most = 0;
  const bytes = await countBytes(response, () => (most = Math.max(most, exchange.bufferedBytes)));
  expect([bytes, response.headers.has('content-length')]).toEqual([GIBIBYTE, scenario.name === 'oversize']);
  expect(most).toBeLessThan(MEBIBYTE);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * MEBIBYTE);
  await mock.waitForIdle();
});

test('holds back while the other side does not read, and ends with it', async (context) => {
  const mock = await startMockOf(context, 'claude', { scenario: { name: 'flood', totalBytes: GIBIBYTE } });
  const leaving = new AbortController();
  await fetchCase(mock, MESSAGES, { signal: leaving.signal });
  const exchange = await mock.waitForExchange();
  await expect.poll(() => exchange.bufferedBytes).toBeGreaterThan(0);
  expect(exchange.bufferedBytes).toBeLessThan(MEBIBYTE);
  leaving.abort();
  expect(await exchange.closed).toEqual({ wasComplete: false });
  expect(mock.exchanges).toBe(0);
});

test('refuses a body over its bound without keeping it', async (context) => {
  const mock = await startMockOf(context, 'claude');
  const response = await fetchCase(mock, { ...MESSAGES, body: Buffer.alloc(17 * MEBIBYTE, 'x') });
  expect([response.status, await response.json()]).toMatchObject([
    413,
    { error: { type: 'request_too_large' } },
  ]);
  expect(mock.requests[0]?.body).toHaveLength(0);
});

test('takes a recording of 49 MB', async (context) => {
  const mock = await startMockOf(context, 'asr');
  const the = caseOf('transcribe');
  const form = String(CALL_CASES.at(-1)?.body).replace('sound', 'x'.repeat(49 * MEBIBYTE));
  const { headers } = CALL_CASES.at(-1) ?? the;
  const response = await fetchCase(mock, { ...the, vendor: 'asr', query: '', headers, body: form });
  expect(response.status).toBe(200);
  expect(mock.requests[0]?.body.length).toBeGreaterThan(49 * MEBIBYTE);
  mock.expectNoViolations();
});

test('answers with whatever a test puts in place of the answer, and calls a throw a violation', async (context) => {
  const mock = await startMockOf(context, 'claude', {
    scenario: {
      name: 'happyTurn',
      respond(exchange) {
        exchange.start(418, [['X-Own', 'yes']]);
        exchange.write(`${exchange.request.body.length} bytes`);
        exchange.end();
      },
    },
  });
  const response = await fetchCase(mock, MESSAGES);
  expect([response.status, response.headers.get('x-own')]).toEqual([418, 'yes']);
  expect(await response.text()).toBe(`${String(MESSAGES.body).length} bytes`);
  mock.setScenario({ name: 'happyTurn', respond: () => Promise.reject(new Error('oops')) });
  const failing = fetchCase(mock, MESSAGES);
  await mock.waitForDial(2);
  await expect.poll(() => mock.violations).toEqual(['call 2: the scenario failed: Error: oops']);
  await Promise.all([expect(failing).rejects.toThrow(), mock.close()]);
});

test('speaks TLS', async (context) => {
  const mock = await startMockOf(context, 'claude', { tls: TEST_CERTIFICATE });
  expect(mock.url).toMatch(/^https:/);
  const { headers, method, body } = MESSAGES;
  const calling = request(`${mock.url}/v1/messages`, {
    method,
    headers,
    ca: TEST_CERTIFICATE.cert,
    agent: false,
  });
  calling.end(body);
  const [response] = (await once(calling, 'response')) as [IncomingMessage];
  const chunks = await response.toArray();
  expect(Buffer.concat(chunks as Buffer[]).toString()).toContain(MESSAGES.answer);
  await mock.waitForIdle();
  mock.expectNoViolations();
});

test('calls what is not HTTP a violation', async (context) => {
  const mock = await startMockOf(context, 'claude');
  const socket = connect(mock.port, '127.0.0.1');
  context.onTestFinished(() => void socket.destroy());
  socket.resume().write('GET nonsense\r\n\r\n');
  await once(socket, 'close');
  expect(mock.violations).toEqual(['a call that is not legal HTTP']);
});

test('leaves no connection and no timer when it is closed in the middle of everything', async (context) => {
  const watch = watchProcess(context);
  const mock = await startMockOf(context, 'claude');
  const calls: Promise<unknown>[] = [];
  for (const scenario of ['silent', 'slowOpen', 'stalls', 'neverCloses', 'readsNothing'] as const) {
    mock.setScenario(scenario);
    calls.push(fetchCase(mock, MESSAGES).then((response) => response.text()));
    await mock.waitForDial(calls.length);
  }
  mock.setScenario({ name: 'slowStream', delayMs: 60_000 });
  calls.push(fetchCase(mock, MESSAGES).then((response) => response.text()));
  await mock.waitForDial(calls.length);
  const ends = Promise.allSettled(calls);
  await mock.close();
  expect((await ends).map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
  await watch.timersSettled();
  expect([mock.connections, watch.uncaught]).toEqual([0, []]);
});
