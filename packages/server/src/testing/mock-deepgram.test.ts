import { expect, test } from 'vitest';
import { ABNORMAL_CLOSURE, CLOSE_ROWS, NORMAL_CLOSURE } from '../contract/index.ts';
import { rawUpgrade } from '../../test/support/raw-client.ts';
import { MOCK_SECRET, startMock } from '../../test/support/start-mock.ts';
import { TEST_CERTIFICATE } from '../../test/support/test-certificate.ts';
import { openWs, WsRefusal } from '../../test/support/ws-client.ts';
import { startMockDeepgram } from './mock-deepgram.ts';
import type { MockUpstream } from './mock-upstream.ts';
import { encodeFrame, OPCODES } from './wire-frames.ts';

const PROTOCOLS = ['token', MOCK_SECRET];
const SETTINGS = JSON.stringify({ type: 'Settings' });

const refusalOf = async (opening: Promise<unknown>): Promise<WsRefusal> => {
  const error = await opening.catch((cause: unknown) => cause);
  if (error instanceof WsRefusal) return error;
  throw new Error(`not refused over HTTP: ${String(error)}`);
};

test('accepts the vendor handshake and selects token', async (context) => {
  const mock = await startMock(context);
  const client = await openWs(context, `${mock.listenUrl}?model=nova-3&keyterm=a&keyterm=b`, {
    protocols: PROTOCOLS,
  });
  const session = await mock.waitForSession();
  expect(client.subprotocol).toBe('token');
  expect(session.service).toBe('listen');
  expect(session.request.line).toBe('GET /v1/listen?model=nova-3&keyterm=a&keyterm=b HTTP/1.1');
  expect(session.request.query).toEqual([
    ['model', 'nova-3'],
    ['keyterm', 'a'],
    ['keyterm', 'b'],
  ]);
  expect(session.request.subprotocols).toEqual(PROTOCOLS);
  expect([mock.dials, mock.sessions, mock.connections]).toEqual([1, 1, 1]);
  mock.expectNoViolations();
});

test('sends its greeting in the same packet as the accepted upgrade', async (context) => {
  const mock = await startMock(context);
  const client = await rawUpgrade(context, {
    port: mock.port,
    target: '/v1/agent/converse',
    headers: { 'Sec-WebSocket-Protocol': PROTOCOLS.join(', ') },
  });
  await client.response();
  expect(client.messages.map(({ payload }) => payload.toString())).toEqual([
    '{"type":"Welcome","request_id":"mock-request-1"}',
  ]);
});

test('answers a wrong secret with 401 and the vendor body, and counts no violation', async (context) => {
  const mock = await startMock(context);
  const refusal = await refusalOf(openWs(context, mock.agentUrl, { protocols: ['token', 'another-secret'] }));
  expect(refusal.status).toBe(401);
  expect(JSON.parse(refusal.body)).toMatchObject({
    err_code: 'INVALID_AUTH',
    err_msg: 'Invalid credentials.',
  });
  mock.expectNoViolations();
  expect(mock.sessions).toBe(0);
});

test('refuses a handshake with anything that the vendor does not document, without repeating values', async (context) => {
  const mock = await startMock(context);
  const opening = openWs(context, `${mock.agentUrl}?token=user-token-value`, {
    protocols: PROTOCOLS,
    origin: 'http://page.example',
  });
  expect((await refusalOf(opening)).status).toBe(400);
  expect(mock.violations).toEqual(['dial 1: unexpected header origin', 'dial 1: unexpected query key token']);
  expect(() => mock.expectNoViolations()).toThrow(/2 violations:\n- dial 1: unexpected header origin\n- /);
});

test('only records violations when told so', async (context) => {
  const mock = await startMock(context, { onViolation: 'record' });
  await openWs(context, mock.agentUrl, { protocols: PROTOCOLS, origin: 'http://page.example' });
  expect(mock.violations).toEqual(['dial 1: unexpected header origin']);
});

test('takes headers and query keys that are allowed on top', async (context) => {
  const mock = await startMock(context, { allow: { headers: ['X-Trace'], queryKeys: ['trace'] } });
  await openWs(context, `${mock.agentUrl}?trace=1`, { protocols: PROTOCOLS, headers: { 'x-trace': '1' } });
  mock.expectNoViolations();
});

test('takes the secret from the Authorization header when so configured', async (context) => {
  const mock = await startMock(context, { auth: 'header' });
  const client = await openWs(context, mock.agentUrl, { headers: { Authorization: `Token ${MOCK_SECRET}` } });
  expect(client.subprotocol).toBe('');
  mock.expectNoViolations();
});

test.for([
  ['audio before the settings', Buffer.alloc(4), 'dial 1: the first frame is binary instead of Settings'],
  ['another message', '{"type":"KeepAlive"}', 'dial 1: the first message is not Settings'],
  ['text that is not JSON', 'hello', 'dial 1: the first frame is not a JSON message with a type'],
] as const)('ends an agent session that begins with %s', async ([, payload, violation], context) => {
  const mock = await startMock(context);
  const client = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  client.send(payload);
  expect((await client.waitForClose()).code).toBe(CLOSE_ROWS.BadRequest.code);
  expect(mock.violations).toEqual([violation]);
});

test('calls illegal frames of the proxy a violation', async (context) => {
  const mock = await startMock(context);
  const headers = { 'Sec-WebSocket-Protocol': PROTOCOLS.join(', ') };
  const client = await rawUpgrade(context, { port: mock.port, target: '/v1/agent/converse', headers });
  await client.response();
  client.sendFrame({ opcode: 1, payload: SETTINGS, mask: false });
  await client.waitForClose();
  expect(mock.violations).toEqual(['dial 1: the proxy sent an unmasked frame']);
});

test('calls bytes before the answer a violation', async (context) => {
  const mock = await startMock(context, { scenario: 'slowOpen' });
  const headers = { 'Sec-WebSocket-Protocol': PROTOCOLS.join(', ') };
  await rawUpgrade(context, { port: mock.port, target: '/v1/agent/converse', headers, tail: 'early' });
  await mock.waitForDial(1);
  expect(mock.violations).toEqual(['dial 1: bytes before the upgrade was answered']);
});

test('tells how the other side left', async (context) => {
  const mock = await startMock(context, { scenario: 'echo' });
  const polite = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  await polite.close(4321, 'bye');
  expect(await (await mock.waitForSession()).closed).toEqual({ code: 4321, reason: 'bye', wasReset: false });
  const rude = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  rude.socket.terminate();
  expect((await (await mock.waitForSession()).closed).code).toBe(ABNORMAL_CLOSURE);
  await mock.waitForIdle();
  expect([mock.dials, mock.sessions]).toEqual([2, 0]);
});

test('lets a session misbehave at will and follows a new scenario from the next upgrade on', async (context) => {
  const mock = await startMock(context, {
    async scenario(session) {
      await session.waitForFrame(({ kind }) => kind === 'binary');
      session.send('seen');
      session.close(NORMAL_CLOSURE);
    },
  });
  const first = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  first.send(Buffer.alloc(2));
  expect((await first.waitForClose()).code).toBe(NORMAL_CLOSURE);
  mock.setScenario('echo');
  const second = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  second.send('again');
  expect((await second.waitForFrame()).payload.toString()).toBe('again');
  expect(first.frames.map(({ payload }) => payload.toString())).toEqual(['seen']);
});

test('calls a scenario that throws a violation', async (context) => {
  const mock = await startMock(context, { scenario: () => Promise.reject(new Error('oops')) });
  await openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  expect(mock.violations).toEqual(['dial 1: the scenario failed: Error: oops']);
});

test('speaks TLS', async (context) => {
  const mock = await startMock(context, { scenario: 'echo', tls: TEST_CERTIFICATE });
  expect(mock.agentUrl).toMatch(/^wss:/);
  const client = await openWs(context, mock.agentUrl, { protocols: PROTOCOLS, ca: TEST_CERTIFICATE.cert });
  client.send('over TLS');
  expect((await client.waitForFrame()).payload.toString()).toBe('over TLS');
  await client.close(NORMAL_CLOSURE);
  await mock.waitForIdle();
  mock.expectNoViolations();
});

test.for(['plain', 'TLS'])('destroys a %s session by a reset', async (kind, context) => {
  const isTls = kind === 'TLS';
  const mock = await startMock(context, { scenario: 'echo', ...(isTls ? { tls: TEST_CERTIFICATE } : {}) });
  const client = await rawUpgrade(context, {
    port: mock.port,
    target: '/v1/agent/converse',
    headers: { 'Sec-WebSocket-Protocol': PROTOCOLS.join(', ') },
    ...(isTls ? { tls: { ca: TEST_CERTIFICATE.cert } } : {}),
  });
  await client.response();
  (await mock.waitForSession()).destroy();
  expect(await client.waitForClose()).toEqual({ code: ABNORMAL_CLOSURE, reason: '', wasReset: true });
  await mock.waitForIdle();
});

test('ends connections, held upgrades and waits when it is closed, also twice', async (context) => {
  const mock = await startMock(context, { scenario: 'slowOpen' });
  const opening = openWs(context, mock.agentUrl, { protocols: PROTOCOLS });
  await mock.waitForDial(1);
  const waiting = mock.waitForSession();
  await Promise.all([
    expect(opening).rejects.toThrow(),
    expect(waiting).rejects.toThrow('the mock upstream is closed'),
    mock.close(),
  ]);
  await mock.close();
  expect(mock.connections).toBe(0);
});

test.each([
  ['a short secret', { secret: 'short' }, 'shorter than 8'],
  ['a secret that no subprotocol can hold', { secret: 'with a space' }, 'no subprotocol may hold'],
  [
    'an unknown scenario',
    { secret: MOCK_SECRET, scenario: 'toString' as 'echo' },
    'no scenario named toString',
  ],
])('refuses to start with %s', async (_what, options, message) => {
  const starting: Promise<MockUpstream> = startMockDeepgram(options);
  await expect(starting).rejects.toThrow(message);
});

test('still hands a session what came too early, when violations are only recorded', async (context) => {
  const mock = await startMock(context, { scenario: 'echo', onViolation: 'record' });
  const client = await rawUpgrade(context, {
    port: mock.port,
    target: '/v1/agent/converse',
    headers: { 'Sec-WebSocket-Protocol': PROTOCOLS.join(', ') },
    tail: encodeFrame({ opcode: OPCODES.text, payload: 'early', mask: true }),
  });
  client.send('late');
  await client.waitForMessage(({ payload }) => payload.toString() === 'late');
  expect(client.messages.map(({ payload }) => payload.toString())).toEqual(['early', 'late']);
  expect(mock.violations).toEqual(['dial 1: bytes before the upgrade was answered']);
});
