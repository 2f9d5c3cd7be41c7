/** The headers by which a page of another origin may read answers (CORS). Whether an origin is allowed was judged before. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import cors from 'cors';
import type { HttpMethod, HttpRoute } from './http-route.ts';

/** What a page may read beside the body. */
const READABLE = ['Retry-After', 'X-Request-Id'];
const EXPOSED = 'Access-Control-Expose-Headers';
const PREFLIGHT_LIFE_SECONDS = 600;

const apply = {
  GET: middlewareFor('GET'),
  POST: middlewareFor('POST'),
};

/** Allows the request's own origin, with whatever headers it wants to send: SDKs send many. */
function middlewareFor(method: HttpMethod): ReturnType<typeof cors> {
  return cors({
    origin: true,
    credentials: true,
    methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
    exposedHeaders: READABLE,
    maxAge: PREFLIGHT_LIFE_SECONDS,
    // The end of the answer, and its line in the log, are ours.
    preflightContinue: true,
  });
}

/** Sets headers only. */
export function allowOrigin(
  request: IncomingMessage,
  response: ServerResponse,
  { method, readableHeaders = [] }: Pick<HttpRoute, 'method' | 'readableHeaders'>,
): void {
  apply[method](request, response, () => undefined);
  // A preflight does not name them.
  if (readableHeaders.length > 0 && response.hasHeader(EXPOSED))
    response.setHeader(EXPOSED, [...READABLE, ...readableHeaders].join(','));
}

export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}
