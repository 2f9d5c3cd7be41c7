import type { IncomingMessage, ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { ServiceFacts } from './health.ts';
import { createRouter } from './router.ts';

const NOW = Date.UTC(2026, 10, 22, 1, 2, 3);
const facts = (more: Partial<ServiceFacts> = {}): ServiceFacts => ({
  version: '1.2.3',
  paths: ['/proxy'],
  httpPaths: [],
  now: () => NOW,
  isDraining: () => false,
  ...more,
});

interface Answer {
  readonly isOwn: boolean;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Asks a router as the HTTP server does, and notes what it writes. */
function ask(
  basePath: string | undefined,
  url: string | undefined,
  method = 'GET',
  more?: Partial<ServiceFacts>,
): Answer {
  const written: { status?: number; headers?: Record<string, unknown>; text?: string } = {};
  const response = {
    writeHead: (status: number, headers: Record<string, unknown>) =>
      Object.assign(written, { status, headers }),
    end: (text: string) => Object.assign(written, { text }),
  } as unknown as ServerResponse;
  const isOwn = createRouter(facts(more), basePath).answer({ url, method } as IncomingMessage, response);
  const { text, ...head } = written;
  return text === undefined ? { isOwn } : { isOwn, ...head, body: JSON.parse(text) };
}

describe('the router', () => {
  it.each([
    { basePath: '', url: '/', status: 200 },
    { basePath: '', url: '/?x=1', status: 200 },
    { basePath: '', url: '/health', status: 200 },
    { basePath: '', url: '/health?verbose', status: 200 },
    { basePath: '', url: '/ready', status: 200 },
    { basePath: '', url: '/proxy', status: 426 },
    { basePath: '/voice', url: '/voice', status: 200 },
    { basePath: '/voice', url: '/voice/health', status: 200 },
    { basePath: undefined, url: '/proxy?token=x', status: 426 },
  ])('under $basePath answers $url with $status', ({ basePath, url, status }) => {
    expect(ask(basePath, url)).toMatchObject({ isOwn: true, status });
  });

  it.each([
    { basePath: undefined, url: '/' },
    { basePath: undefined, url: '/health' },
    { basePath: '/voice', url: '/' },
    { basePath: '/voice', url: '/health' },
    { basePath: '/voice', url: '/voice/' },
    { basePath: '', url: '/health/' },
    { basePath: '', url: '/Health' },
    { basePath: '', url: '/%68ealth' },
    { basePath: '', url: '//health' },
    { basePath: '', url: 'http://other.test/health' },
    { basePath: '', url: '*' },
    { basePath: '', url: '' },
    { basePath: '', url: '/__proto__' },
    { basePath: '', url: undefined },
  ])('under $basePath leaves $url alone', ({ basePath, url }) => {
    expect(ask(basePath, url)).toEqual({ isOwn: false });
  });

  it('says what health it has, and nothing of its configuration', () => {
    expect(ask('', '/health').body).toEqual({
      status: 'healthy',
      service: 'voxproxy',
      timestamp: '2026-11-22T01:02:03.000Z',
      version: '1.2.3',
    });
  });

  it('names the paths of the place where it stands', () => {
    expect(ask('', '/').body).toMatchObject({ websocket: ['/proxy'], health: '/health', ready: '/ready' });
    expect(ask('/v', '/v').body).toMatchObject({ health: '/v/health', ready: '/v/ready' });
  });

  it('fails readiness, and not health, while it drains', () => {
    const draining = { isDraining: () => true };
    expect(ask('', '/ready', 'GET', draining)).toMatchObject({ status: 503, body: { status: 'draining' } });
    expect(ask('', '/health', 'GET', draining)).toMatchObject({ status: 200 });
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get'])(
    'answers %s with 405 and what it would take',
    (method) => {
      for (const url of ['/health', '/proxy']) {
        expect(ask('', url, method)).toMatchObject({
          status: 405,
          headers: { Allow: 'GET, HEAD' },
          body: { error: 'method_not_allowed' },
        });
      }
    },
  );

  it('answers in JSON that no cache keeps and no browser guesses about, with its length', () => {
    const { headers } = ask('', '/health', 'HEAD');
    expect(headers).toEqual({
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': expect.any(Number),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    expect(ask('', '/proxy').headers).toMatchObject({ Upgrade: 'websocket' });
  });
});
