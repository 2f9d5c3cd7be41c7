import { expect, test } from 'vitest';
import { ABNORMAL_CLOSURE, CLOSE_ROWS, NORMAL_CLOSURE } from '../../contract/index.ts';
import { dialCase, SOCKET_CASES, startMockOf, typeOf } from '../../../test/support/mock-cases.ts';
import { findSecret } from '../../../test/support/secret-search.ts';
import { MOCK_SECRET } from '../../../test/support/start-mock.ts';
import { WsRefusal } from '../../../test/support/ws-client.ts';
import { VENDORS } from './index.ts';

const named = SOCKET_CASES.map((the) => [`${the.vendor} ${the.service}`, the] as const);

const refusalOf = async (opening: Promise<unknown>): Promise<WsRefusal> => {
  const error = await opening.catch((cause: unknown) => cause);
  if (error instanceof WsRefusal) return error;
  throw new Error(`not refused over HTTP: ${String(error)}`);
};

test('has a case for every service over a WebSocket', () => {
  const services = Object.entries(VENDORS).flatMap(([vendor, { services: all }]) =>
    Object.entries(all).flatMap(([name, { kind }]) => (kind === 'upgrade' ? [`${vendor} ${name}`] : [])),
  );
  expect(named.map(([name]) => name).sort()).toEqual(services.sort());
});

test.for(named)('converses as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor);
  const client = await dialCase(context, mock, the);
  for (const message of the.send) client.send(message);
  const frames = await client.waitForFrames(the.types.length);
  expect(frames.map(typeOf)).toEqual(the.types);
  const session = await mock.waitForSession();
  expect([session.service, session.frames.length]).toEqual([the.service, the.send.length]);
  mock.expectNoViolations();
});

test.for(named)('echoes as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'echo' });
  const client = await dialCase(context, mock, the);
  for (const message of ['text', Buffer.from('bytes')]) client.send(message);
  const frames = await client.waitForFrames(2);
  expect(frames.map(({ kind, payload }) => [kind, String(payload)])).toEqual([
    ['text', 'text'],
    ['binary', 'bytes'],
  ]);
  expect((await client.close(NORMAL_CLOSURE)).code).toBe(NORMAL_CLOSURE);
});

test.for(named)('opens late as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'slowOpen' });
  const opening = dialCase(context, mock, the);
  await mock.waitForDial(1);
  expect(mock.sessions).toBe(0);
  mock.release();
  await opening;
  expect(mock.sessions).toBe(1);
});

test.for(named)('refuses a wrong secret as %s, and counts no violation', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { secret: 'another-secret' });
  const refusal = await refusalOf(dialCase(context, mock, the));
  expect([refusal.status, mock.sessions]).toEqual([401, 0]);
  expect(JSON.parse(refusal.body)).toBeTypeOf('object');
  mock.expectNoViolations();
});

test.for(named)('refuses the right secret and gives it away as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: { name: 'refuse', status: 401 } });
  const refusal = await refusalOf(dialCase(context, mock, the));
  expect(refusal.status).toBe(401);
  expect(findSecret(MOCK_SECRET, refusal.body)).not.toEqual([]);
  expect(findSecret(MOCK_SECRET, refusal.headers)).not.toEqual([]);
});

test.for(named)('redirects and shows an error page as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'redirect' });
  expect((await refusalOf(dialCase(context, mock, the))).status).toBe(302);
  mock.setScenario('htmlError');
  const refusal = await refusalOf(dialCase(context, mock, the));
  expect([refusal.status, refusal.headers['content-type']]).toEqual([502, 'text/html; charset=utf-8']);
  expect(refusal.body).toMatch(/^<html>/);
});

/** Signalling alone has no turn to break off. */
const talking = named.filter(([, { service }]) => service !== 'calls');

test.for(talking)('breaks off in the middle of a turn as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'dropAfter' });
  const client = await dialCase(context, mock, the);
  for (const message of the.send) client.send(message);
  expect((await client.waitForClose()).code).toBe(ABNORMAL_CLOSURE);
  expect(client.frames.length).toBeLessThan(the.types.length);
});

test.for(named)('gives its secret away in a close and in a message as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'closeWith' });
  const closed = await (await dialCase(context, mock, the)).waitForClose();
  expect([closed.code, closed.reason]).toEqual([CLOSE_ROWS.Internal.code, `the key ${MOCK_SECRET} ran out`]);
  mock.setScenario('keyInFrame');
  const { payload } = await (await dialCase(context, mock, the)).waitForFrame();
  expect(JSON.parse(String(payload))).toHaveProperty('type', expect.stringMatching(/error/i));
  expect(findSecret(MOCK_SECRET, String(payload))).not.toEqual([]);
});

test.for(named)('floods in its own kind, and in one message, as %s', async ([, the], context) => {
  const totalBytes = 300_000;
  const mock = await startMockOf(context, the.vendor, { scenario: { name: 'flood', totalBytes } });
  const frames = await (await dialCase(context, mock, the)).waitForFrames(5);
  const rules = (VENDORS[the.vendor].services as Record<string, { kindOfFrames?: string }>)[the.service];
  expect(new Set(frames.map(({ kind }) => kind))).toEqual(new Set([rules?.kindOfFrames]));
  mock.setScenario({ name: 'oversize', totalBytes });
  expect((await (await dialCase(context, mock, the)).waitForFrame()).payload).toHaveLength(totalBytes);
});

test.for(named)('stalls in the middle of a message as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'stalls' });
  const client = await dialCase(context, mock, the);
  const session = await mock.waitForSession();
  await session.drained();
  expect(client.frames).toHaveLength(0);
  mock.release();
  expect(typeOf(await client.waitForFrame())).toMatch(/error/i);
});

test.for(named)('tells its answer part by part as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: { name: 'slowStream', delayMs: 1 } });
  const client = await dialCase(context, mock, the);
  for (const message of the.send) client.send(message);
  expect((await client.waitForFrames(the.types.length)).map(typeOf)).toEqual(the.types);
});

test.for(named)('selects what nobody has offered as %s', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'selectsUnoffered' });
  await expect(dialCase(context, mock, the)).rejects.toThrow(/subprotocol/);
});

test.for(named)('leaves a close unanswered as %s, and the upgrade when silent', async ([, the], context) => {
  const mock = await startMockOf(context, the.vendor, { scenario: 'neverCloses' });
  const client = await dialCase(context, mock, the);
  const session = await mock.waitForSession();
  client.socket.close(NORMAL_CLOSURE);
  client.socket.terminate();
  await session.closed;
  mock.setScenario('silent');
  const opening: Promise<unknown> = dialCase(context, mock, the);
  await mock.waitForDial(2);
  await Promise.all([mock.close(), expect(opening).rejects.toThrow()]);
});
