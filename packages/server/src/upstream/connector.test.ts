import { once } from 'node:events';
import type { TLSSocket, TlsOptions } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { TEST_CERTIFICATE } from '../../test/support/test-certificate.ts';
import { startRawUpstream, type RawUpstream } from '../../test/support/raw-upstream.ts';
import { createConnector, type ConnectorOptions } from './connector.ts';
import { createOpenUpstream, type OpenUpstream } from './open-upstream.ts';

const trusted = { ca: TEST_CERTIFICATE.cert };
const signal = new AbortController().signal;

const opener = (options: Partial<ConnectorOptions> = {}): OpenUpstream =>
  createOpenUpstream(
    createTestClock(),
    createConnector({ allowPrivateAddresses: false, tls: trusted, ...options }),
  );

/** Opens and ends one connection; returns what the upstream saw of it. */
async function visit(
  test: TestCleanup,
  open: OpenUpstream,
  { url, encrypted }: RawUpstream,
): Promise<TLSSocket> {
  const { socket } = await open({ url, subprotocols: [], headers: {} }, { timeoutMs: Infinity, signal });
  test.onTestFinished(() => socket.destroy());
  return encrypted.at(-1) as TLSSocket;
}

async function failureOf(test: TestCleanup, open: OpenUpstream, upstream: RawUpstream): Promise<string> {
  return visit(test, open, upstream).then(
    () => 'it was opened',
    (error: Error) => error.message,
  );
}

const versions: readonly TlsOptions[] = [{ minVersion: 'TLSv1.3' }, { maxVersion: 'TLSv1.2' }];

describe('an encrypted connection', () => {
  it('names the server and asks for HTTP/1.1', async (test) => {
    const upstream = await startRawUpstream(test, { tls: { ALPNProtocols: ['h2', 'http/1.1'] } });
    const seen = await visit(test, opener(), upstream);
    expect([Reflect.get(seen, 'servername'), seen.alpnProtocol]).toEqual(['localhost', 'http/1.1']);
  });

  it('to an address names no server, and checks the certificate for the address', async (test) => {
    const upstream = await startRawUpstream(test, { tls: {} });
    const url = upstream.url.replace('localhost', '127.0.0.1');
    const seen = await visit(test, opener(), { ...upstream, url });
    expect(Reflect.get(seen, 'servername')).toBe(false);
    const elsewhere = upstream.url.replace('localhost', '127.0.0.2');
    const error = await failureOf(test, opener(), { ...upstream, url: elsewhere });
    expect(error).toMatch(/^connection failed \((ECONNREFUSED|ERR_TLS_CERT_ALTNAME_INVALID)\)$/);
  });

  it('to somebody without a trusted certificate fails before the request is sent', async (test) => {
    const upstream = await startRawUpstream(test, { tls: {} });
    const error = await failureOf(test, opener({ tls: undefined }), upstream);
    expect(error).toBe('connection failed (DEPTH_ZERO_SELF_SIGNED_CERT)');
    await upstream.untilGone();
    expect(upstream.requests).toEqual([]);
  });

  it('to somebody with the certificate of another fails, whatever sessions are kept', async (test) => {
    const upstream = await startRawUpstream(test, { tls: {} });
    const open = opener({
      allowPrivateAddresses: true,
      resolve: (_, __, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    await visit(test, open, upstream);
    const url = upstream.url.replace('localhost', 'other.example');
    const error = await failureOf(test, open, { ...upstream, url });
    expect(error).toBe('connection failed (ERR_TLS_CERT_ALTNAME_INVALID)');
    expect(upstream.requests.length).toBe(1);
  });

  it('is not made by an old version of TLS', async (test) => {
    const tls: TlsOptions = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' };
    const upstream = await startRawUpstream(test, { tls });
    expect(await failureOf(test, opener(), upstream)).toMatch(/^connection failed \(E/);
    expect(upstream.encrypted).toEqual([]);
  });
});

describe('the session of an encrypted connection', () => {
  it.for(versions)('is resumed by the next one to the same server (%j)', async (tls, test) => {
    const upstream = await startRawUpstream(test, { tls });
    const open = opener();
    expect((await visit(test, open, upstream)).isSessionReused()).toBe(false);
    expect((await visit(test, open, upstream)).isSessionReused()).toBe(true);
    expect((await visit(test, open, upstream)).isSessionReused()).toBe(true);
  });

  it('is not resumed by a proxy of other trust', async (test) => {
    const upstream = await startRawUpstream(test, { tls: {} });
    await visit(test, opener(), upstream);
    expect((await visit(test, opener(), upstream)).isSessionReused()).toBe(false);
  });

  it('is forgotten when a handshake with it fails', async (test) => {
    let isOut = false;
    const onConnection = (socket: { destroy(): unknown }): boolean => {
      if (isOut) socket.destroy();
      return !isOut;
    };
    const upstream = await startRawUpstream(test, { tls: {}, onConnection });
    const open = opener();
    await visit(test, open, upstream);
    isOut = true;
    expect(await failureOf(test, open, upstream)).toMatch(/^connection failed/);
    isOut = false;
    expect((await visit(test, open, upstream)).isSessionReused()).toBe(false);
  });
});

describe('a connector', () => {
  it('does not take what is no certificate', () => {
    expect(() =>
      createConnector({ allowPrivateAddresses: false, tls: { ca: 'no certificate', cert: 'x' } }),
    ).toThrow();
  });

  it.for([
    { url: 'ws://127.0.0.1/', port: 80 },
    { url: 'wss://127.0.0.1/', port: 443 },
    { url: 'wss://127.0.0.1:8443/', port: 8443 },
  ])('dials port $port for $url', async ({ url, port }) => {
    const socket = createConnector({ allowPrivateAddresses: false }).connect(new URL(url));
    expect(
      await once(
        socket.on('error', () => undefined),
        'connectionAttempt',
      ),
    ).toEqual(['127.0.0.1', port, 4]);
    socket.destroy();
  });
});
