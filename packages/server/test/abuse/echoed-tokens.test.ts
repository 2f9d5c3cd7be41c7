/**
 * Providers that repeat the token of the user for whom they were dialled. It is the user's own, so a message may bring it back to
 * that user; no line of the log may hold it, and no close reason, which browsers write into their own logs, tells it.
 */
import { pino } from 'pino';
import { expect, test } from 'vitest';
import {
  AZURE_VOICE_LIVE_POLICY,
  azureVoiceLive,
  createVoiceProxy,
  entra,
  uncheckedEntra,
  withPolicy,
  type Authenticator,
} from '../../src/index.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import { AZURE_VOICE_LIVE } from '../../src/upstream/presets/azure-voice-live.ts';
import { ENTRA_KEYS, entraToken, TENANT } from '../support/entra-token.ts';
import { eventually } from '../support/eventually.ts';
import { startRawUpstream, switchingTo } from '../support/raw-upstream.ts';
import { expectNoSecret, findSecret } from '../support/secret-search.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const audience = AZURE_VOICE_LIVE.endpoints['standard']?.userToken?.audiences[0] ?? '';
const checked = (): Authenticator => entra({ tenantId: TENANT, jwks: ENTRA_KEYS });

/** What the provider writes for a request; `token` is the user's. */
type Echo = (request: string, token: string) => string | Buffer;

interface Rig {
  readonly token: string;
  readonly logs: string[];
  readonly client: WsClient;
}

async function ask(
  context: TestCleanup,
  echo: Echo,
  { auth = checked(), isPoliced = false }: { auth?: Authenticator; isPoliced?: boolean } = {},
): Promise<Rig> {
  const token = entraToken({ audience });
  const upstream = await startRawUpstream(context, {
    onRequest(socket, request) {
      expect(request).toContain(token);
      socket.on('data', () => socket.end());
      socket.write(echo(request, token));
    },
  });
  const plain = azureVoiceLive({ url: `ws://127.0.0.1:${upstream.port}/v`, passUserTokens: true });
  const route = isPoliced ? withPolicy(plain, AZURE_VOICE_LIVE_POLICY) : plain;
  const logs: string[] = [];
  // Every level and no redaction: what the proxy hands to a logger must be clean by itself.
  const logger = pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) });
  const proxy = createVoiceProxy({ auth, routes: { '/ws': route }, logger });
  context.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  return { token, logs, client: await openWs(context, `ws://127.0.0.1:${port}/ws?token=${token}`) };
}

async function expectCleanLog({ token, logs }: Pick<Rig, 'token' | 'logs'>): Promise<void> {
  await eventually(
    () => logs.some((line) => line.includes('session ended')),
    () => 'the session to end',
  );
  for (const secret of [token, ...token.split('.')]) expectNoSecret(secret, logs, 'logs');
}

const frame = (payload: string): Buffer => encodeFrame({ opcode: OPCODES.text, payload });
const closing = (reason: string): Buffer => {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(NORMAL_CLOSURE);
  return encodeFrame({ opcode: OPCODES.close, payload: Buffer.concat([code, Buffer.from(reason)]) });
};
const opened = (request: string, ...frames: Buffer[]): Buffer =>
  Buffer.concat([Buffer.from(switchingTo(request)), ...frames]);
const refusing = (status: string, token: string): string =>
  `HTTP/1.1 ${status}\r\nWWW-Authenticate: Bearer error="${token}"\r\nContent-Length: ${token.length}\r\n\r\n${token}`;

const refusals: [where: string, echo: Echo, told: keyof typeof CLOSE_ROWS][] = [
  ['a refusal of the token', (_, token) => refusing('401 Unauthorized', token), 'AuthInvalid'],
  ['a status line', (_, token) => refusing(`500 ${token}`, token), 'UpstreamUnavailable'],
  ['an answer that is not HTTP', (_, token) => `${token}\r\n\r\n`, 'UpstreamUnavailable'],
  [
    'a redirect',
    (_, token) => `HTTP/1.1 302 Found\r\nLocation: https://a.test/${token}\r\n\r\n`,
    'UpstreamUnavailable',
  ],
  [
    'a subprotocol',
    (request, token) => switchingTo(request, `Sec-WebSocket-Protocol: ${token}`),
    'UpstreamUnavailable',
  ],
];

test.for(refusals)("tells nobody a user's token that stands in %s", async ([, echo, told], context) => {
  for (const auth of [checked(), uncheckedEntra()]) {
    const rig = await ask(context, echo, { auth });
    const { code, word } = CLOSE_ROWS[told];
    expect(await rig.client.waitForClose()).toEqual({ code, reason: word });
    expectNoSecret(rig.token, rig.client.frames, 'frames');
    await expectCleanLog(rig);
  }
});

test("writes a user's token that stands in a header or a message to no log", async (context) => {
  const rig = await ask(context, (request, token) =>
    Buffer.concat([
      Buffer.from(switchingTo(request, `X-Echo: ${token}`)),
      frame(JSON.stringify({ type: 'session.created', session: { token } })),
      closing(''),
    ]),
  );
  const { payload } = await rig.client.waitForFrame();
  expect(JSON.parse(payload.toString())).toMatchObject({ session: { token: rig.token } });
  await rig.client.waitForClose();
  await expectCleanLog(rig);
});

const texts: [what: string, textOf: (token: string) => object][] = [
  ['an error', (token) => ({ type: 'error', error: { message: `token ${token}` } })],
  ['a type that no policy knows', (token) => ({ type: token })],
  ['a session', (token) => ({ type: 'session.created', session: { instructions: token } })],
];

test.for(texts)(
  "writes a user's token to no log where a policy reads %s that holds it",
  async ([, textOf], context) => {
    const echo: Echo = (request, token) => opened(request, frame(JSON.stringify(textOf(token))), closing(''));
    const rig = await ask(context, echo, { isPoliced: true });
    await rig.client.waitForClose();
    await expectCleanLog(rig);
  },
);

const reasons: [how: string, reasonOf: (token: string) => string][] = [
  ['its beginning', (token) => `bad ${token.slice(0, 60)}`],
  ['its signature', (token) => token.slice(-80)],
  ['part of it in base64', (token) => Buffer.from(token.slice(0, 60)).toString('base64')],
];

test.for(reasons)("drops a close reason that tells a user's token by %s", async ([, reasonOf], context) => {
  const rig = await ask(context, (request, token) => opened(request, closing(reasonOf(token))));
  expect(await rig.client.waitForClose()).toEqual({ code: NORMAL_CLOSURE, reason: '' });
  await expectCleanLog(rig);
  expect(findSecret(reasonOf(rig.token), rig.logs)).toEqual([]);
});
