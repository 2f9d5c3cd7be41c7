/** No token in anything that a client says, whatever happens to it. */
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import type { ProxyClientOptions } from '../src/options.ts';
import { startServer, type Turn } from './support/scripted-server.ts';
import { closingBy, dropping, refusing } from './support/turns.ts';
import { WatchedClient } from './support/watched-client.ts';

const TOKEN = 'Very/S3cret+Token=';
const FORMS = [TOKEN, encodeURIComponent(TOKEN), Buffer.from(TOKEN).toString('base64').slice(0, -2)];

function expectNoToken(what: unknown): void {
  const text = inspect(what, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null });
  for (const form of FORMS) expect(text).not.toContain(form);
}

const fates: [string, Turn, Partial<ProxyClientOptions>][] = [
  ['the handshake is refused', { status: 401 }, {}],
  ['the handshake is never answered', 'silence', {}],
  ['the token is refused', refusing('AuthInvalid'), {}],
  ['the server is busy', closingBy('RateLimited', ' retry_after=600'), {}],
  ['the connection is lost', dropping, {}],
  ['the token does not fit', dropping, { tokenTransport: 'subprotocol' }],
  ['the platform refuses', dropping, { WebSocket: RefusingSocket as never }],
];

/** As a browser does for an address that it does not like. */
function RefusingSocket(url: string): void {
  throw new SyntaxError(`The URL '${url}' is invalid.`);
}

test.each(fates)('shows no token when %s', async (_, turn, options) => {
  const server = await startServer(turn);
  const reconnect = { giveUpAfterMs: 1_000 };
  const watched = new WatchedClient({ url: server.url, token: () => TOKEN, reconnect, ...options });
  const outcome = watched.client.connect().catch((error: unknown) => error);
  while (watched.snapshot.state !== 'failed') {
    await new Promise(setImmediate);
    watched.scheduler.advance(50);
  }
  expectNoToken([watched.told, watched.snapshot, await outcome]);
  expect(watched.payloads('error')).toHaveLength(1);
});

test('finds a token where there is one', () => {
  expect(() =>
    expectNoToken({ deep: [new Error(`wss://host/?token=${encodeURIComponent(TOKEN)}`)] }),
  ).toThrow();
});
