import { expect, test } from 'vitest';
import {
  addressOf,
  CALL_CASES,
  type CallCase,
  fetchCase,
  startMockOf,
} from '../../../test/support/mock-cases.ts';
import { findSecret } from '../../../test/support/secret-search.ts';
import { MOCK_SECRET } from '../../../test/support/start-mock.ts';
import { VENDORS } from './index.ts';

const nameOf = (the: CallCase): string =>
  `${the.vendor} ${the.service}${String(the.body).includes('"stream":true') ? ', streaming' : ''}`;
const named = CALL_CASES.map((the) => [nameOf(the), the] as const);

test('has a case for every service over HTTP', () => {
  const services = Object.entries(VENDORS).flatMap(([vendor, { services: all }]) =>
    Object.entries(all).flatMap(([name, { kind }]) => (kind === 'call' ? [`${vendor} ${name}`] : [])),
  );
  expect(named.map(([name]) => name).sort()).toEqual([...services, 'claude messages, streaming'].sort());
});

test.for(named)('answers a call of %s and keeps what came', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor);
  const response = await fetchCase(mock, the);
  expect([response.ok, await response.text()]).toEqual([true, expect.stringContaining(the.answer)]);
  const { method, path, rawQuery, body, service, kind } = await mock.waitForDial(1);
  const { pathname } = new URL(addressOf(mock, the));
  expect([method, path, rawQuery]).toEqual([the.method, pathname, the.query]);
  expect([kind, service, String(body)]).toEqual(['call', the.service, String(the.body ?? '')]);
  const exchange = await mock.waitForExchange();
  expect([exchange.service, await exchange.closed]).toEqual([the.service, { wasComplete: true }]);
  await mock.waitForIdle();
  mock.expectNoViolations();
});

test.for(named)('refuses a wrong secret for %s, and counts no violation', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { secret: 'another-secret' });
  const response = await fetchCase(mock, the);
  expect([response.status, await response.json()]).toEqual([401, expect.any(Object)]);
  mock.expectNoViolations();
});

test.for([401, 429, 503, 529])(
  'refuses every call with %i and gives the secret away',
  async (status, context) => {
    for (const [, the] of named) {
      const mock = await startMockOf(context, the.vendor, { scenario: { name: 'refuse', status } });
      const response = await fetchCase(mock, the);
      expect([response.status, response.headers.get('retry-after')]).toEqual([
        status,
        status === 429 ? '7' : null,
      ]);
      expect(findSecret(MOCK_SECRET, [...response.headers])).not.toEqual([]);
      expect(findSecret(MOCK_SECRET, await response.json())).not.toEqual([]);
    }
  },
);

test.for(named)('redirects, and answers with a page, for %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'redirect' });
  const response = await fetchCase(mock, the);
  const location = decodeURIComponent(response.headers.get('location') ?? '');
  expect([response.status, location]).toEqual([302, `/elsewhere?key=${MOCK_SECRET}`]);
  mock.setScenario('htmlError');
  const page = await fetchCase(mock, the);
  expect([page.status, await page.text()]).toEqual([502, expect.stringContaining(MOCK_SECRET)]);
});

test.for(named)('sends the secret in a right answer of %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'keyInFrame' });
  const response = await fetchCase(mock, the);
  expect([response.ok, response.headers.get('x-mock-key')]).toEqual([
    true,
    `the key ${MOCK_SECRET} is not valid`,
  ]);
});

test.for(named)('sends a body back for %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'echo' });
  const response = await fetchCase(mock, the);
  expect([await response.text(), response.headers.get('content-type')]).toEqual([
    String(the.body ?? ''),
    the.headers['content-type'] ?? null,
  ]);
});

test.for(named)('breaks an answer off in its middle, by reset or end, for %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor);
  for (const scenario of ['dropAfter', 'halfClose', 'rubbish'] as const) {
    mock.setScenario(scenario);
    await expect(fetchCase(mock, the).then((response) => response.text())).rejects.toThrow();
  }
  await mock.waitForIdle();
});

test.for(named)('holds, stalls and slows the answer of %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'slowOpen' });
  const held = fetchCase(mock, the);
  await mock.waitForDial(1);
  await expect.poll(() => mock.exchanges).toBe(0);
  mock.release();
  expect(await (await held).text()).toContain(the.answer);
  mock.setScenario('stalls');
  const stalled = await fetchCase(mock, the);
  expect(mock.exchanges).toBe(1);
  mock.release();
  expect(await stalled.text()).toContain(the.answer);
  mock.setScenario({ name: 'slowStream', delayMs: 1 });
  expect(await (await fetchCase(mock, the)).text()).toContain(the.answer);
});

test.for(named)('never ends an answer of %s, until the caller leaves', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'neverCloses' });
  const leaving = new AbortController();
  const reading = (await fetchCase(mock, the, { signal: leaving.signal })).text();
  const exchange = await mock.waitForExchange();
  expect([exchange.isOpen, mock.exchanges]).toEqual([true, 1]);
  leaving.abort(new Error('left'));
  await expect(reading).rejects.toThrow('left');
  expect(await exchange.closed).toEqual({ wasComplete: false });
});

test.for(named)('answers nothing and reads nothing for %s, until it is closed', async ([, the], context) => {
  for (const scenario of ['silent', 'readsNothing'] as const) {
    const mock = await startMockOf(context, the.vendor, { scenario });
    const calling: Promise<unknown> = fetchCase(mock, the);
    await mock.waitForDial(1);
    await Promise.all([mock.close(), expect(calling).rejects.toThrow('fetch failed')]);
    expect(mock.connections).toBe(0);
  }
});

test.for(named)('answers %s with bytes that are not HTTP', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'rawAnswer' });
  await expect(fetchCase(mock, the)).rejects.toThrow('fetch failed');
});
