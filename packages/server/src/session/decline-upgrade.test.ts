import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { rawUpgrade, type RawClient } from '../../test/support/raw-client.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { systemClock } from '../clock.ts';
import { createVoiceProxy, none, websocket } from '../index.ts';
import { joinHub } from './upgrade-hub.ts';

/** What Java's HTTP client sends of its own accord. */
const WISH =
  'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n';

interface Asked {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server of an application, and what it was asked, with a proxy that owns `/ours`. */
async function serve(test: TestCleanup, more?: (server: Server) => void) {
  const asked: Asked[] = [];
  const claimed: string[] = [];
  const listener: RequestListener = async (request, response) => {
    const { method, url, httpVersion, headers } = request;
    const body = await text(request);
    asked.push({ line: `${method} ${url} ${httpVersion}`, headers, body });
    response.end(`answer ${asked.length}`);
  };
  const server = createServer((request, response) => void listener(request, response));
  more?.(server);
  joinHub(server, (path) => path === '/ours' && claimed.push(path) > 0, systemClock);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const raw = (request: string): Promise<RawClient> => rawUpgrade(test, { port, request });
  return { asked, claimed, raw };
}

const untilAnswer = (client: RawClient, count: number): Promise<void> =>
  client.until(() => client.received.toString().includes(`answer ${count}`), `answer ${count}`);

describe('a request that wishes for another protocol', () => {
  it('is answered as one that wishes for none, with its target and headers', async (test) => {
    const { asked, raw } = await serve(test);
    const client = await raw(`GET /a?b=%20 HTTP/1.1\r\nHost: h\r\nX-Twice: 1\r\nX-Twice: 2\r\n${WISH}\r\n`);
    await untilAnswer(client, 1);
    expect(asked).toMatchObject([
      { line: 'GET /a?b=%20 1.1', headers: { host: 'h', 'x-twice': '1, 2' }, body: '' },
    ]);
  });

  it.each([
    ['with a length', 'Content-Length: 11\r\n', 'hello world'],
    ['in chunks', 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n'],
  ])('keeps its body %s', async (_, header, body) => {
    const cleanups: (() => unknown)[] = [];
    const { asked, raw } = await serve({ onTestFinished: (run) => cleanups.push(run) });
    const client = await raw(`POST /a HTTP/1.1\r\nHost: h\r\n${WISH}${header}\r\n${body}`);
    await untilAnswer(client, 1);
    expect(asked.map((one) => one.body)).toEqual(['hello world']);
    for (const run of cleanups) await run();
  });

  it('keeps a body that comes later, and its connection for the next request', async (test) => {
    const { asked, raw } = await serve(test);
    const client = await raw(`POST /a HTTP/1.1\r\nHost: h\r\n${WISH}Content-Length: 11\r\n\r\nhello`);
    client.sendBytes(Buffer.from(' world'));
    await untilAnswer(client, 1);
    client.sendBytes(Buffer.from(`GET /b HTTP/1.1\r\nHost: h\r\n${WISH}\r\n`));
    await untilAnswer(client, 2);
    expect(asked.map(({ line, body }) => [line, body])).toEqual([
      ['POST /a 1.1', 'hello world'],
      ['GET /b 1.1', ''],
    ]);
  });

  it('keeps what else its Connection header says', async (test) => {
    const { raw } = await serve(test);
    const wish = 'Connection: close, Upgrade\r\nUpgrade: h2c\r\n';
    const client = await raw(`GET /a HTTP/1.1\r\nHost: h\r\n${wish}\r\n`);
    await client.waitForClose();
    expect(client.received.toString()).toContain('Connection: close');
  });

  it('is no upgrade of a path of ours either', async (test) => {
    const { claimed, asked, raw } = await serve(test);
    await untilAnswer(await raw(`POST /ours HTTP/1.1\r\nHost: h\r\n${WISH}Content-Length: 2\r\n\r\nhi`), 1);
    expect([claimed, asked.map(({ body }) => body)]).toEqual([[], ['hi']]);
  });

  it('is answered in its turn, or not at all, behind another request', async (test) => {
    const { asked, raw } = await serve(test);
    const client = await raw(`GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n${WISH}\r\n`);
    await client.until(
      () => client.isGone || client.received.includes('answer 2'),
      'both answers, or the end',
    );
    const { received } = client;
    expect(received.includes('answer 2')).toBe(asked.length === 2);
  });

  it('is left to another upgrade listener where there is one', async (test) => {
    const seen: unknown[] = [];
    const { asked, raw } = await serve(test, (server) => {
      server.on('upgrade', ({ headers }, socket) => {
        seen.push(headers.upgrade);
        socket.end('HTTP/1.1 299 theirs\r\n\r\n');
      });
    });
    const client = await raw(`GET /theirs HTTP/1.1\r\nHost: h\r\n${WISH}\r\n`);
    expect((await client.response()).line).toBe('HTTP/1.1 299 theirs');
    expect([seen, asked]).toEqual([['h2c'], []]);
  });

  it('is ours to refuse on a path of ours where there is one', async (test) => {
    const { claimed, raw } = await serve(test, (server) => void server.on('upgrade', () => undefined));
    await raw(`GET /ours HTTP/1.1\r\nHost: h\r\n${WISH}\r\n`);
    await eventually(
      () => claimed.length === 1,
      () => 'the proxy to be asked',
    );
  });

  it('is refused where headers of it may be missing, since its body could then be read as a request', async (test) => {
    const { asked, raw } = await serve(test, (server) => (server.maxHeadersCount = 40));
    const many = Array.from({ length: 40 }, (_, at) => `X-${at}: 1\r\n`).join('');
    const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n';
    const client = await raw(
      `POST /a HTTP/1.1\r\nHost: h\r\n${WISH}${many}Content-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    );
    // Later Nodes refuse so many headers themselves.
    expect([404, 431]).toContain((await client.response()).status);
    await client.waitForClose();
    expect(asked).toEqual([]);
  });

  it.each([false, true])(
    'is answered on the paths of a proxy that runs alone, with TLS: %s',
    async (devTls) => {
      const cleanups: (() => unknown)[] = [];
      const test: TestCleanup = { onTestFinished: (run) => cleanups.push(run) };
      const routes = { '/ours': websocket({ url: 'ws://127.0.0.1:9', apiKey: 'a-key-of-nobody' }) };
      const proxy = createVoiceProxy({ auth: none(), allowNoOrigin: true, routes, logger: false });
      const { port, certificate } = await proxy.listen({ devTls });
      const tls = certificate === undefined ? {} : { tls: { ca: certificate } };
      const request = `GET /health HTTP/1.1\r\nHost: localhost\r\n${WISH}\r\n`;
      const client = await rawUpgrade(test, { port, host: 'localhost', request, ...tls });
      expect((await client.response()).status).toBe(200);
      for (const run of cleanups) await run();
      await proxy.close();
    },
  );
});
