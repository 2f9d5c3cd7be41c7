/** An application's own HTTP server on a free port, and proxies to mount on it; all end with their test. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  createVoiceProxy,
  deepgram,
  jwt,
  withoutPolicy,
  type VoiceProxy,
  type VoiceProxyOptions,
} from '../../src/index.ts';
import type { MockUpstream } from '../../src/testing/mock-upstream.ts';
import { JWT_SECRET, makeToken } from '../support/make-token.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

export interface Application {
  readonly server: Server;
  readonly port: number;
  /** A path with the server's address in front. */
  url(path: string): string;
  /** A client with a valid token. */
  open(path: string): Promise<WsClient>;
}

export async function serveApplication(test: TestCleanup, onRequest?: RequestListener): Promise<Application> {
  const server = createServer(onRequest ?? ((_request, response) => response.end('the application')));
  server.listen(0, '127.0.0.1');
  test.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    url: (path) => `http://127.0.0.1:${port}${path}`,
    open: (path) => openWs(test, `ws://127.0.0.1:${port}${path}?token=${makeToken()}`),
  };
}

/** A proxy with the mock behind the route `/deepgram-proxy`, unless told otherwise. */
export function makeProxy(
  test: TestCleanup,
  mock: MockUpstream,
  options: Partial<VoiceProxyOptions> = {},
): VoiceProxy {
  const { agentUrl, listenUrl } = mock;
  const route = withoutPolicy(deepgram({ apiKey: MOCK_SECRET, agentUrl, listenUrl }));
  const proxy = createVoiceProxy({
    auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
    routes: { '/deepgram-proxy': route },
    logger: false,
    ...options,
  });
  test.onTestFinished(() => proxy.close());
  return proxy;
}

/** A frame there and back. */
export async function expectEcho(client: WsClient): Promise<void> {
  const text = `echo ${client.frames.length}`;
  client.send(text);
  await client.waitForFrame(({ payload }) => payload.toString() === text);
}
