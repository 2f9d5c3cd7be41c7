import { expect, test } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { ROUTE, startBench } from '../support/abuse-bench.ts';
import { openWs, type WsClientOptions } from '../support/ws-client.ts';

interface Place {
  readonly title: string;
  readonly echo: string;
  connect(token: string): { readonly query?: string } & WsClientOptions;
}

const places: Place[] = [
  { title: '?token=', echo: '', connect: (token) => ({ query: `?token=${token}` }) },
  {
    title: 'Authorization',
    echo: '',
    connect: (token) => ({ headers: { Authorization: `Bearer ${token}` } }),
  },
  {
    title: 'our subprotocol pair',
    echo: 'voxproxy.v1',
    connect: (token) => ({ protocols: ['voxproxy.v1', `voxproxy.token.${token}`] }),
  },
  {
    title: 'our pair behind an application subprotocol',
    echo: 'chat.v2',
    connect: (token) => ({ protocols: ['chat.v2', 'voxproxy.v1', `voxproxy.token.${token}`] }),
  },
  {
    title: "the vendor's subprotocols",
    echo: 'token',
    connect: (token) => ({ protocols: ['token', token] }),
  },
  {
    title: "the vendor's bearer subprotocols",
    echo: 'bearer',
    connect: (token) => ({ protocols: ['bearer', token] }),
  },
  {
    title: "the vendor's header",
    echo: '',
    connect: (token) => ({ headers: { Authorization: `Token ${token}` } }),
  },
];

test.for(places)('opens a session for a token in $title', async ({ connect, echo }, context) => {
  const bench = await startBench(context, { upstream: 'happyTurn' });
  const { query = '', ...options } = connect(bench.token());
  const client = await openWs(context, `ws://127.0.0.1:${bench.listening.port}${ROUTE}${query}`, options);
  expect(client.subprotocol).toBe(echo);
  client.send('{"type":"Settings"}');
  await client.waitForFrame(({ payload }) => payload.includes('SettingsApplied'));
  await client.close(NORMAL_CLOSURE);
  bench.mock.expectNoViolations();
});

test.for([
  ['', '/v1/agent/converse', ''],
  ['service=agent&encoding=linear16', '/v1/agent/converse', 'encoding=linear16'],
  ['encoding=linear16&sample_rate=16000', '/v1/listen', 'encoding=linear16&sample_rate=16000'],
  [
    'service=transcription',
    '/v1/listen',
    'model=nova-3&encoding=linear16&sample_rate=16000&channels=1&interim_results=true&smart_format=true',
  ],
  ['service=transcription&model=nova-2', '/v1/listen', 'model=nova-2'],
] as const)('dials for the query "%s" what PROTOCOL.md says', async ([query, path, rawQuery], context) => {
  const bench = await startBench(context, { mock: { onViolation: 'record' } });
  const client = await bench.upgrade({ target: bench.target(`${query}&token=${bench.token()}`) });
  expect((await client.response()).status).toBe(101);
  expect(bench.mock.requests).toMatchObject([{ path, rawQuery }]);
});

test('holds the handshake until the upstream is there', async (context) => {
  const bench = await startBench(context, { upstream: 'slowOpen' });
  const client = await bench.upgrade();
  await bench.mock.waitForDial(1);
  expect(client.received).toHaveLength(0);
  expect(bench.proxy.sessions).toBe(1);
  bench.mock.release();
  expect((await client.response()).status).toBe(101);
});
