import { expect, test } from 'vitest';
import { createVoiceProxy, jwt } from '../../src/index.ts';
import { CLOSE_ROWS, isSubprotocol } from '../../src/contract/index.ts';
import { JWT_SECRET, makeToken } from '../support/make-token.ts';
import { type RawUpstream, startRawUpstream, switchingTo } from '../support/raw-upstream.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient, WsRefusal } from '../support/ws-client.ts';
import { type Asked, KEY, VENDORS, type Vendor } from './vendors.ts';

const token = (sub = 'alice'): string => makeToken({ nowMs: Date.now(), claims: { sub } });

interface Rig {
  readonly upstream: RawUpstream;
  connect(asked: Asked): Promise<WsClient>;
}

async function start(context: TestCleanup, vendor: Vendor): Promise<Rig> {
  const upstream = await startRawUpstream(context, {
    onRequest: (socket, request) => {
      socket.on('data', () => socket.end());
      socket.write(switchingTo(request));
    },
  });
  const proxy = createVoiceProxy({
    auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
    routes: { '/proxy': vendor.toRoute(`ws://127.0.0.1:${upstream.port}/x`) },
    logger: false,
  });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  return {
    upstream,
    connect({ query = '', ...options }) {
      const search = [query, vendor.query].filter((part) => part !== '').join('&');
      return openWs(context, `ws://127.0.0.1:${port}/proxy?${search}`, options);
    },
  };
}

const cases = VENDORS.flatMap((vendor) =>
  vendor.slots.map((slot) => ({ ...vendor, ...slot, name: `${vendor.vendor}, ${slot.slot}` })),
);

test.for(cases)('finds the token of $name, and swaps in the key', async (one, context) => {
  const { upstream, connect } = await start(context, one);
  const mine = token();
  const client = await connect(one.ask(mine));
  const { echo = '' } = one;
  expect(client.subprotocol).toBe(typeof echo === 'string' ? echo : echo(mine));
  expect(upstream.requests).toHaveLength(1);
  const [request = ''] = upstream.requests;
  for (const line of one.upstream) expect(request.split('\r\n')).toContain(line);
  expectNoSecret(mine, request, 'the request to the upstream');
  expect(request.split(KEY)).toHaveLength(2);
  for (const other of ['x-deepgram-session-id', 'openai-organization', 'openai-agents-sdk'])
    expect(request).not.toContain(other);
});

const refusalOf = async (connecting: Promise<WsClient>): Promise<{ code: number; told: string }> => {
  const client = await connecting.catch((error: unknown) => error);
  if (client instanceof WsRefusal) return { code: client.status, told: client.body };
  const { code, reason } = await (client as WsClient).waitForClose();
  return { code, told: reason };
};

test.for(cases)('refuses two different tokens, one of them in $name', async (one, context) => {
  const { upstream, connect } = await start(context, one);
  const asked = one.ask(token());
  const query = [asked.query ?? '', `to%6ben=${token('bob')}`].filter((part) => part !== '').join('&');
  const { told } = await refusalOf(connect({ ...asked, query }));
  expect(told).toContain(CLOSE_ROWS.BadRequest.word);
  expect(upstream.connections).toHaveLength(0);
});

test.for(cases)('refuses a token that is not good in $name as its SDK can bear', async (one, context) => {
  const { upstream, connect } = await start(context, one);
  const { preset } = one.toRoute('ws://127.0.0.1:9/x');
  const wrong = `${token().slice(0, -8)}AAAAAAAA`;
  expect(isSubprotocol(wrong)).toBe(true);
  const { code, told } = await refusalOf(connect(one.ask(wrong)));
  const row = CLOSE_ROWS.AuthInvalid;
  expect(told).toContain(row.word);
  const { refusal, closeCodes: { authFailed } = {} } = preset;
  expect(code).toBe(authFailed ?? (refusal === 'http' ? row.httpStatus : row.code));
  expect(upstream.connections).toHaveLength(0);
});
