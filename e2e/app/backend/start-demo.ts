/** The demo application: the page, tokens for its visitor, and the proxy, on one HTTP server that only this machine reaches. */
import { createServer } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVoiceProxy, deepgram, jwt } from '@voxproxy/server';
import type { DeepgramOptions, Logger, VoiceProxy } from '@voxproxy/server';
import { CONFIG_PATH, PROXY_BASE, PROXY_ROUTE, TOKEN_PATH } from '../demo-contract.ts';
import type { DemoConfig, TokenKind } from '../demo-contract.ts';
import { createDemoTokens } from './demo-tokens.ts';
import type { DemoTokens } from './demo-tokens.ts';
import { readPageFiles } from './page-files.ts';
import type { PageFile } from './page-files.ts';
import { json, respond } from './respond.ts';
import type { DemoAnswer } from './respond.ts';

export interface DemoOptions {
  /** Where the built page is. */
  pageFolder: URL;
  deepgram: DeepgramOptions;
  config: DemoConfig;
  logger: Logger;
  /** Tried in this order; 0 is any free one. Default: any. */
  ports?: readonly number[];
  /** Life of a short token in milliseconds. Default 4000. */
  shortTokenMs?: number;
  /** Gives another kind of token than the page asked for; for tests. */
  chooseToken?: (asked: TokenKind) => TokenKind;
}

export interface Demo {
  /** Of the page, without a slash at the end. */
  url: string;
  proxy: VoiceProxy;
  /** What tokens are signed with. */
  signingSecret: string;
  /** Ends all sessions and connections. */
  close(): Promise<void>;
}

interface Parts {
  tokens: DemoTokens;
  files: ReadonlyMap<string, PageFile>;
  config: DemoConfig;
  chooseToken: (asked: TokenKind) => TokenKind;
}

const HOST = '127.0.0.1';
const KINDS: readonly string[] = ['good', 'short', 'expired', 'wrong'] satisfies TokenKind[];
const NOT_FOUND = json(404, { error: 'not_found', message: 'There is nothing at this path.' });

/** Rejects when the page is not built, the key cannot be used, or no port can be had. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const { pageFolder, config, shortTokenMs = 4_000, chooseToken = (asked) => asked } = options;
  const tokens = createDemoTokens(shortTokenMs);
  const proxy = createVoiceProxy({
    auth: jwt({ secret: tokens.secret, algorithms: ['HS256'], clockToleranceMs: 0 }),
    routes: { [PROXY_ROUTE]: deepgram(options.deepgram) },
    basePath: PROXY_BASE,
    endAtExpiry: true,
    logger: options.logger,
  });
  const parts: Parts = { tokens, files: await readPageFiles(pageFolder), config, chooseToken };
  const server = createServer((request, response) => {
    const origin = `http://${request.headers.host}`;
    if (!isLoopback(request.headers.host)) return respond(response, origin, FOREIGN_HOST);
    proxy.handle(request, response, () => {
      answer(request, parts).then(
        (answered) => respond(response, origin, answered),
        () => respond(response, origin, FAILED),
      );
    });
  });
  proxy.attach(server);
  await listen(server, options.ports ?? [0]);
  return {
    url: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    proxy,
    signingSecret: tokens.secret,
    close: () => close(server, proxy),
  };
}

const FAILED = json(500, { error: 'internal_error', message: 'The demo server failed.' });
const FOREIGN_HOST = json(403, { error: 'forbidden', message: 'Open the demo by its own address.' });

/** A page of a foreign name that was made to point here (DNS rebinding) must get no token. */
function isLoopback(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(host ?? '');
}

async function answer(request: IncomingMessage, parts: Parts): Promise<DemoAnswer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://demo');
  if (pathname === TOKEN_PATH && request.method === 'POST') {
    const kind = searchParams.get('kind') ?? 'good';
    if (!KINDS.includes(kind)) return json(400, { error: 'bad_request', message: 'No such kind of token.' });
    return json(200, await parts.tokens.sign(parts.chooseToken(kind as TokenKind)));
  }
  if (request.method !== 'GET') return NOT_FOUND;
  if (pathname === CONFIG_PATH) return json(200, parts.config);
  const file = parts.files.get(pathname);
  return file ? { status: 200, ...file } : NOT_FOUND;
}

async function listen(server: Server, [port = 0, ...others]: readonly number[]): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, HOST, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    server.removeAllListeners('error');
    if (others.length === 0) throw error;
    await listen(server, others);
  }
}

async function close(server: Server, proxy: VoiceProxy): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  await proxy.close();
  server.closeAllConnections();
  await closed;
}
