import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import type { Leg, LegListener, ListenOptions } from '../leg/leg.ts';
import { createTestClock } from '../../test/support/test-clock.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { createConnector } from './connector.ts';
import { createOpenDial, type Dial, withRawLegs } from './dial.ts';
import { createOpenUpstream } from './open-upstream.ts';
import { deepgram } from './presets/deepgram.ts';
import type { Route } from './route.ts';
import { createWsDial } from './ws-dial.ts';

const KEY = 'key-that-must-not-be-told-0123456789';
const route = deepgram({ apiKey: KEY });
const connector = createConnector({ allowPrivateAddresses: false });
const never = new AbortController().signal;

type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

interface Upstream {
  readonly url: string;
  readonly requests: IncomingMessage[];
  readonly server: Server;
}

async function serve(test: TestCleanup, onUpgrade: OnUpgrade): Promise<Upstream> {
  const requests: IncomingMessage[] = [];
  const server = createServer().listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket, head) => {
    requests.push(request);
    test.onTestFinished(() => socket.destroy());
    onUpgrade(request, socket, head);
  });
  await once(server, 'listening');
  test.onTestFinished(() => server.close());
  return { server, requests, url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v1?a=1` };
}

const answer =
  (status: string, ...headers: string[]): OnUpgrade =>
  (_, socket) =>
    socket.end([`HTTP/1.1 ${status}`, 'Connection: close', ...headers, '', KEY].join('\r\n'));

const kinds: [legs: string, make: (clock: Clock) => Dial][] = [
  ['bytes', (clock) => withRawLegs(createOpenDial(createOpenUpstream(clock, connector)))],
  ['messages', (clock) => createWsDial(clock, connector)],
];

async function failureOf(dialling: Promise<Leg>): Promise<ProxyError> {
  const error: unknown = await dialling.then(
    () => 'it was opened',
    (cause: unknown) => cause,
  );
  if (!(error instanceof ProxyError)) throw new Error(`not a ProxyError: ${String(error)}`);
  return error;
}

/** Completes handshakes and tells of each socket. */
function accepting(onSocket: (socket: WebSocket) => void): OnUpgrade {
  const sockets = new WebSocketServer({ noServer: true });
  return (request, socket, head) => sockets.handleUpgrade(request, socket, head, onSocket);
}

/** A listener for legs that hears only what it is asked for. */
const idle: LegListener = {
  onData: () => true,
  onMessageEnd: () => undefined,
  onText: () => true,
  onPing: () => undefined,
  onPong: () => undefined,
  onBoundary: () => undefined,
  onDrain: () => undefined,
  onClose: () => undefined,
  onGone: () => undefined,
};
/** Opens texts, so that legs of either kind hand them over readable. */
const readable: ListenOptions = { opens: 'text', maxOpenedBytes: 1_000, countsMessages: false };

const textOf = (leg: Leg): Promise<string> =>
  new Promise((resolve) =>
    leg.listen(
      {
        ...idle,
        onText(payload) {
          resolve(payload.toString());
          return true;
        },
      },
      readable,
    ),
  );

describe.each(kinds)('a dial for legs that pass %s', (_legs, make) => {
  const dial = (url: string, signal = never, of: Route = route): Promise<Leg> =>
    make(systemClock)(of, { service: 'x', url }, signal);

  it('sends the key in the preset’s slot and nothing that was not asked for', async (test) => {
    const { url, requests } = await serve(
      test,
      accepting(() => undefined),
    );
    const leg = await dial(url);
    test.onTestFinished(() => leg.terminate());
    const { url: target, headers } = requests[0] as IncomingMessage;
    expect(target).toBe('/v1?a=1');
    expect(headers['sec-websocket-protocol']).toBe(`token,${KEY}`);
    expect(Object.keys(headers).toSorted()).toEqual([
      'connection',
      'host',
      'sec-websocket-key',
      'sec-websocket-protocol',
      'sec-websocket-version',
      'upgrade',
    ]);
  });

  it('sends the key in a header where the preset says so', async (test) => {
    const { url, requests } = await serve(
      test,
      accepting(() => undefined),
    );
    const upstreamAuth = { in: 'header', name: 'api-key', format: 'Key {key}' } as const;
    const leg = await dial(url, never, { ...route, preset: { ...route.preset, upstreamAuth } });
    test.onTestFinished(() => leg.terminate());
    expect(requests[0]?.headers).toMatchObject({ 'api-key': `Key ${KEY}` });
    expect(requests[0]?.headers).not.toHaveProperty('sec-websocket-protocol');
  });

  it('opens a leg that has lost nothing of what came with the handshake', async (test) => {
    const { url } = await serve(
      test,
      accepting((socket) => socket.send('greeting')),
    );
    const leg = await dial(url);
    test.onTestFinished(() => leg.terminate());
    expect(await textOf(leg)).toBe('greeting');
  });

  describe('fails', () => {
    it.for([
      { status: '401 Unauthorized', name: 'UpstreamAuth' },
      { status: '403 Forbidden', name: 'UpstreamAuth' },
      { status: '400 Bad Request', name: 'UpstreamUnavailable' },
      { status: '404 Not Found', name: 'UpstreamUnavailable' },
      { status: '500 Oops', name: 'UpstreamUnavailable' },
      { status: '200 OK', name: 'UpstreamUnavailable' },
    ])(
      'as $name when the upstream answers $status, telling nothing that it sent',
      async ({ status, name }, test) => {
        const { url } = await serve(test, answer(status, `X-Key: ${KEY}`));
        const error = await failureOf(dial(url));
        expect(error.closeName).toBe(name);
        expect(error.message).not.toContain(KEY);
        expect(error.message).not.toContain('127.0.0.1');
        expect(error.cause).toBeUndefined();
      },
    );

    it.for([
      { header: 'Retry-After: 7', wait: 7_000 },
      { header: 'Retry-After: 0', wait: undefined },
      { header: 'Retry-After: -1', wait: undefined },
      { header: 'Retry-After: soon', wait: undefined },
      { header: 'Retry-After: Infinity', wait: undefined },
      { header: 'X-Other: 1', wait: undefined },
    ])('with the wait that the upstream states ($header)', async ({ header, wait }, test) => {
      const { url } = await serve(test, answer('429 Too Many Requests', header));
      expect((await failureOf(dial(url))).retryAfterMs).toBe(wait);
    });

    it('at a redirect, which it does not follow', async (test) => {
      const elsewhere = await serve(
        test,
        accepting(() => undefined),
      );
      const { url } = await serve(test, answer('302 Found', `Location: ${elsewhere.url}`));
      expect((await failureOf(dial(url))).closeName).toBe('UpstreamUnavailable');
      expect(elsewhere.requests).toEqual([]);
    });

    it('when nobody listens, without naming the address', async (test) => {
      const { url, server } = await serve(test, () => undefined);
      await new Promise((resolve) => server.close(resolve));
      const error = await failureOf(dial(url));
      expect(error).toMatchObject({
        closeName: 'UpstreamUnavailable',
        message: expect.stringContaining('ECONNREFUSED'),
      });
      expect(error.message).not.toContain('127.0.0.1');
    });

    it('when the upstream resets, or answers with what is no handshake', async (test) => {
      const reset = await serve(test, (_, socket) => socket.destroy());
      expect((await failureOf(dial(reset.url))).closeName).toBe('UpstreamUnavailable');
      const wrong = await serve(test, (_, socket) => {
        socket.write(
          'HTTP/1.1 101 Hi\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n',
        );
      });
      expect((await failureOf(dial(wrong.url))).closeName).toBe('UpstreamUnavailable');
    });

    it('when the upstream stays silent, at its time limit, and ends the connection', async (test) => {
      const clock = createTestClock();
      const { url, server } = await serve(test, (_, socket) => {
        socket.resume().on('end', () => server.emit('gone'));
        clock.advance(route.preset.limits.handshakeMs - 1);
        server.emit('asked');
      });
      const [asked, gone] = [once(server, 'asked'), once(server, 'gone')];
      const failure = failureOf(make(clock)(route, { service: 'x', url }, never));
      await asked;
      expect(clock.pending()).toBe(1);
      clock.advance(1);
      expect((await failure).closeName).toBe('UpstreamTimeout');
      expect(clock.pending()).toBe(0);
      await gone;
    });
  });

  describe('that is cancelled', () => {
    it('before it begins opens nothing', async (test) => {
      const { url, requests } = await serve(
        test,
        accepting(() => undefined),
      );
      await failureOf(dial(url, AbortSignal.abort()));
      expect(requests).toEqual([]);
    });

    it('while the upstream thinks ends the connection', async (test) => {
      const controller = new AbortController();
      const { url, server } = await serve(test, (_, socket) => {
        socket.resume().on('end', () => server.emit('gone'));
        controller.abort();
      });
      const gone = once(server, 'gone');
      expect((await failureOf(dial(url, controller.signal))).closeName).toBe('Internal');
      await gone;
    });

    it('after it has opened leaves the leg alone, and nothing behind', async (test) => {
      const controller = new AbortController();
      const clock = createTestClock();
      const { url } = await serve(
        test,
        accepting((socket) => socket.on('message', () => socket.send('still here'))),
      );
      const leg = await make(clock)(route, { service: 'x', url }, controller.signal);
      test.onTestFinished(() => leg.terminate());
      controller.abort();
      expect(clock.pending()).toBe(0);
      const echoed = textOf(leg);
      leg.send('are you');
      expect(await echoed).toBe('still here');
    });
  });
});
