import { getEventListeners, once } from 'node:events';
import { Socket, type LookupFunction } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import type { ProxyError } from '../errors.ts';
import { createTestClock } from '../../test/support/test-clock.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { TEST_CERTIFICATE } from '../../test/support/test-certificate.ts';
import {
  startRawUpstream,
  switchingTo,
  type RawUpstream,
  type RawUpstreamOptions,
} from '../../test/support/raw-upstream.ts';
import { createConnector, type ConnectorOptions } from './connector.ts';
import { createOpenUpstream, type OpenedUpstream } from './open-upstream.ts';

const KEY = 'key-that-must-not-be-told-0123456789';
const TIME_LIMIT_MS = 10_000;

/** One try with a clock that stands still. */
class Try {
  readonly clock = createTestClock();
  readonly controller = new AbortController();
  readonly options: Partial<ConnectorOptions>;

  constructor(options: Partial<ConnectorOptions> = {}) {
    this.options = options;
  }

  async open(test: TestCleanup, url: string): Promise<OpenedUpstream> {
    const tls = { ca: TEST_CERTIFICATE.cert };
    const connector = createConnector({ allowPrivateAddresses: false, tls, ...this.options });
    const open = createOpenUpstream(this.clock, connector);
    const handshake = { url, subprotocols: ['token', KEY], headers: { 'x-key': KEY } };
    const opened = await open(handshake, { timeoutMs: TIME_LIMIT_MS, signal: this.controller.signal });
    test.onTestFinished(() => opened.socket.destroy());
    return opened;
  }

  fail(test: TestCleanup, url: string): Promise<ProxyError> {
    return this.open(test, url).then(
      () => Promise.reject(new Error('it was opened')),
      (error: ProxyError) => error,
    );
  }

  expectNothingLeft(): void {
    expect(this.clock.pending()).toBe(0);
    expect(getEventListeners(this.controller.signal, 'abort')).toEqual([]);
  }
}

const kinds = [
  { kind: 'plain', options: {} },
  { kind: 'encrypted', options: { tls: {} } },
];

/** Resolves every name to these addresses. */
const resolverTo =
  (...addresses: string[]): LookupFunction =>
  (_, __, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('an opened upstream', () => {
  it.for(kinds)('was asked in the words of its handshake ($kind)', async ({ options }, test) => {
    const upstream = await startRawUpstream(test, options);
    await new Try().open(test, upstream.url);
    const lines = upstream.requests[0]?.split('\r\n') ?? [];
    expect(lines[4]).toMatch(/^Sec-WebSocket-Key: [A-Za-z0-9+/]{21}[AQgw]==$/);
    expect(lines.toSpliced(4, 1)).toEqual([
      'GET /v1?a=1 HTTP/1.1',
      `Host: localhost:${upstream.port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Protocol: token,${KEY}`,
      `x-key: ${KEY}`,
      '',
      '',
    ]);
  });

  it('was asked with another key each time', async (test) => {
    const upstream = await startRawUpstream(test);
    await new Try().open(test, upstream.url);
    await new Try().open(test, upstream.url);
    expect(upstream.requests[0]).not.toBe(upstream.requests[1]);
  });

  it.for(kinds)('has lost nothing and delivers nothing yet ($kind)', async ({ options }, test) => {
    const upstream = await startRawUpstream(test, {
      ...options,
      onRequest: (socket, request) => socket.write(`${switchingTo(request)}one`),
    });
    const { socket, head, reads } = await new Try().open(test, upstream.url);
    expect(head.toString()).toBe('one');
    const peer = upstream.encrypted[0] ?? upstream.connections[0];
    socket.write('to the peer');
    peer?.on('data', () => peer.write('two'));
    await once(peer as Socket, 'data');
    const got: string[] = [reads.takeWaiting().toString()];
    const hasCome = new Promise<void>((resolve) => {
      reads.reader = (chunk) => {
        got.push(chunk.toString());
        resolve();
        return true;
      };
    });
    if (got[0] === '') await hasCome;
    expect(got.join('')).toBe('two');
  });

  it('may have sent its answer in any pieces, after early hints', async (test) => {
    const upstream = await startRawUpstream(test, {
      onRequest: (socket, request) => {
        const text = `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${switchingTo(request, 'Sec-WebSocket-Protocol: token')}`;
        for (const letter of text) socket.write(letter);
      },
    });
    expect((await new Try().open(test, upstream.url)).head.length).toBe(0);
  });

  it('is left alone by the signal, the clock and all listeners but one for errors', async (test) => {
    const upstream = await startRawUpstream(test, { tls: {} });
    const attempt = new Try();
    const { socket } = await attempt.open(test, upstream.url);
    attempt.expectNothingLeft();
    attempt.controller.abort();
    expect(socket.destroyed).toBe(false);
    const names = ['data', 'connect', 'secureConnect', 'session'];
    expect(names.map((name) => socket.listenerCount(name))).toEqual([0, 0, 0, 0]);
  });

  it.for(kinds)('may be reset before anybody has taken it ($kind)', async ({ options }, test) => {
    const upstream = await startRawUpstream(test, options);
    const { socket } = await new Try().open(test, upstream.url);
    // Unlike `once`, this does not listen for errors.
    const closed = new Promise((resolve) => socket.on('close', resolve));
    upstream.connections[0]?.resetAndDestroy();
    await closed;
  });

  it.for(kinds)('sends at once and is kept alive ($kind)', async ({ options }, test) => {
    const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
    const keepAlive = vi.spyOn(Socket.prototype, 'setKeepAlive');
    test.onTestFinished(() => void vi.restoreAllMocks());
    const upstream = await startRawUpstream(test, options);
    const { socket } = await new Try().open(test, upstream.url);
    expect(noDelay.mock.contexts).toContain(socket);
    expect(keepAlive.mock.contexts).toContain(socket);
  });
});

describe('the address that is dialled', () => {
  it.for([
    { host: '10.0.0.1', to: '127.0.0.1' },
    { host: '[::ffff:127.0.0.1]', to: '127.0.0.1' },
    { host: '0.0.0.0', to: '127.0.0.1' },
    { host: 'rebound.example', to: '127.0.0.1' },
    { host: 'localhost', to: '169.254.169.254' },
    { host: 'localhost', to: '8.8.8.8' },
  ])('is refused when $host leads to $to', async ({ host, to }, test) => {
    const upstream = await startRawUpstream(test);
    const attempt = new Try({ resolve: resolverTo(to) });
    const error = await attempt.fail(test, `ws://${host}:${upstream.port}/`);
    expect(error).toMatchObject({
      closeName: 'UpstreamUnavailable',
      message: 'the address of the upstream is not allowed',
    });
    attempt.expectNothingLeft();
    await upstream.untilGone();
    expect(upstream.connections.length).toBe(1);
  });

  it('may be private when the operator says so, and is the next one when one does not answer', async (test) => {
    const upstream = await startRawUpstream(test);
    const resolve = resolverTo('169.254.169.254', '::1', '127.0.0.1');
    const attempt = new Try({ resolve, allowPrivateAddresses: true });
    await attempt.open(test, `ws://somewhere.example:${upstream.port}/`);
    expect(upstream.connections.length).toBe(1);
  });

  it('may be loopback when the URL says so', async (test) => {
    const upstream = await startRawUpstream(test);
    await new Try().open(test, `ws://127.0.0.1:${upstream.port}/`);
    await new Try().open(test, `ws://localhost:${upstream.port}/`);
  });
});

describe('an upstream that answers badly', () => {
  const answer = (test: TestCleanup, text: string): Promise<RawUpstream> =>
    startRawUpstream(test, { onRequest: (socket) => socket.write(text) });

  it.for([
    { text: `HTTP/1.1 401 No\r\nX: ${KEY}\r\n\r\n${KEY}`, name: 'UpstreamAuth', why: '401' },
    { text: `HTTP/1.1 403 ${KEY}\r\n\r\n`, name: 'UpstreamAuth', why: '403' },
    { text: `HTTP/1.1 302 Found\r\nLocation: ws://${KEY}\r\n\r\n`, name: 'UpstreamUnavailable', why: '302' },
    {
      text: `HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n${KEY}`,
      name: 'UpstreamUnavailable',
      why: '200',
    },
    { text: `SSH-2.0-${KEY}\r\n`, name: 'UpstreamUnavailable', why: 'malformed' },
    {
      text: `HTTP/1.1 101 Hi\r\nSec-WebSocket-Accept: ${KEY}\r\n\r\n`,
      name: 'UpstreamUnavailable',
      why: 'Upgrade',
    },
    { text: `HTTP/1.1 200 ${KEY}\n`, name: 'UpstreamUnavailable', why: 'malformed' },
    { text: `HTTP/1.1 200 ${'x'.repeat(1_048_576)}`, name: 'UpstreamUnavailable', why: 'too long' },
  ])('is $name ($why), in fixed words, and the connection ends', async ({ text, name, why }, test) => {
    const upstream = await answer(test, text);
    const attempt = new Try();
    const error = await attempt.fail(test, upstream.url);
    expect(error.closeName).toBe(name);
    expect(error.message).toContain(why);
    expect(`${error.message}${String(error.cause)}`).not.toContain(KEY);
    attempt.expectNothingLeft();
    await upstream.untilGone();
  });

  it('states the wait that it asks for', async (test) => {
    const upstream = await answer(test, 'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\n\r\n');
    expect((await new Try().fail(test, upstream.url)).retryAfterMs).toBe(7_000);
  });

  it('has not been told the key that it may not be told', async (test) => {
    const upstream = await startRawUpstream(test);
    const failure = new Try().fail(test, `${upstream.url}&b= ${KEY}`);
    expect((await failure).message).not.toContain(KEY);
    await upstream.untilGone();
    expect(upstream.connections.length).toBe(1);
  });
});

const HALF = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: web';

interface Phase {
  readonly upstream: RawUpstream;
  readonly url: string;
  readonly resolve?: LookupFunction;
}

/** What the test does once a try has come so far. */
type Act = (socket?: Socket) => void;

async function serve(test: TestCleanup, options: RawUpstreamOptions = {}): Promise<Phase> {
  const upstream = await startRawUpstream(test, options);
  return { upstream, url: upstream.url };
}

const PHASES: Readonly<Record<string, (test: TestCleanup, act: Act) => Promise<Phase>>> = {
  'resolving the name': async (test, act) => ({
    ...(await serve(test)),
    resolve: () => queueMicrotask(() => act()),
  }),
  connecting: async (test, act) => ({
    ...(await serve(test)),
    resolve: (host, options, callback) =>
      queueMicrotask(() => {
        resolverTo('127.0.0.1')(host, options, callback);
        act();
      }),
  }),
  'negotiating TLS': async (test, act) => {
    const onConnection = (socket: Socket): boolean => {
      socket.once('data', () => act(socket));
      return false;
    };
    return serve(test, { onConnection, tls: {} });
  },
  'waiting for the answer': (test, act) => serve(test, { onRequest: act }),
  'waiting for the answer over TLS': (test, act) => serve(test, { onRequest: act, tls: {} }),
  'in the middle of the answer': (test, act) =>
    serve(test, { onRequest: (socket) => socket.write(HALF, () => act(socket)) }),
};
const arrange = (phase: string, test: TestCleanup, act: Act): Promise<Phase> =>
  PHASES[phase]?.(test, act) ?? Promise.reject(new Error(`no phase ${phase}`));
const phases = Object.keys(PHASES);

describe('a try', () => {
  it.for(phases)('that is cancelled while %s leaves nothing behind', async (phase, test) => {
    const act = (): void => attempt.controller.abort();
    const { upstream, url, resolve } = await arrange(phase, test, act);
    const attempt = new Try({ resolve });
    const error = await attempt.fail(test, url);
    expect(error).toMatchObject({ closeName: 'Internal', message: 'dial cancelled' });
    attempt.expectNothingLeft();
    await upstream.untilGone();
  });

  it.for(phases)('that hangs while %s ends at its time limit, not before', async (phase, test) => {
    const act = (): void => {
      attempt.clock.advance(TIME_LIMIT_MS - 1);
      expect(attempt.clock.pending()).toBe(1);
      attempt.clock.advance(1);
    };
    const { upstream, url, resolve } = await arrange(phase, test, act);
    const attempt = new Try({ resolve });
    expect((await attempt.fail(test, url)).closeName).toBe('UpstreamTimeout');
    attempt.expectNothingLeft();
    await upstream.untilGone();
  });

  it.for(phases.slice(2).flatMap((phase) => (['reset', 'ended'] as const).map((how) => ({ phase, how }))))(
    'that is $how while $phase fails',
    async ({ phase, how }, test) => {
      const act: Act = (socket) =>
        void (how === 'reset' ? upstream.connections[0]?.resetAndDestroy() : socket?.end());
      const { upstream, url } = await arrange(phase, test, act);
      const attempt = new Try();
      const error = await attempt.fail(test, url);
      expect(error.closeName).toBe('UpstreamUnavailable');
      expect(error.message).toMatch(/^connection failed \((ECONNRESET|closed without an answer)\)$/);
      attempt.expectNothingLeft();
      await upstream.untilGone();
    },
  );

  it('that finds nobody fails without naming the address', async (test) => {
    const resolve: LookupFunction = (host, _, callback) =>
      callback(Object.assign(new Error(`no ${host}`), { code: 'ENOTFOUND' }), '');
    const unknown = await new Try({ resolve }).fail(test, 'ws://nobody.example/');
    expect(unknown.message).toBe('connection failed (ENOTFOUND)');
    const refused = await new Try({ resolve: resolverTo('127.0.0.1') }).fail(test, 'ws://localhost:1/');
    expect(refused.message).toBe('connection failed (ECONNREFUSED)');
  });

  it('that is cancelled before it begins opens nothing', async (test) => {
    const upstream = await startRawUpstream(test);
    const attempt = new Try();
    attempt.controller.abort();
    expect((await attempt.fail(test, upstream.url)).closeName).toBe('Internal');
    await upstream.untilGone();
    expect(upstream.connections.length).toBe(1);
  });
});
