/** The HTTP paths of the proxy: its own, and those of its routes. Everything else belongs to the application, or is not there. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { healthAnswer, readyAnswer, rootAnswer, type Answer, type ServiceFacts } from './health.ts';
import type { HttpPlane } from './http-plane.ts';
import type { HttpRoute } from './http-route.ts';
import { createRouteTable } from '../upstream/route-table.ts';
import { respondJson } from './respond.ts';

export interface Router {
  /** Answers a request for one of the proxy's paths; false when the path is not its own. */
  answer(request: IncomingMessage, response: ServerResponse): boolean;
}

type Answering = (facts: ServiceFacts, basePath: string) => Answer;

const STATE_PATHS: Readonly<Record<string, Answering>> = {
  '/': rootAnswer,
  '/health': healthAnswer,
  '/ready': readyAnswer,
};

/** The HTTP routes, by full path, which may name a host and have variables, and what serves them. */
export interface HttpRoutes {
  readonly routes: ReadonlyMap<string, HttpRoute>;
  readonly plane: HttpPlane;
}

/** `basePath` undefined leaves `/`, `/health` and `/ready` to the application; the routes' own paths are always answered. */
export function createRouter(facts: ServiceFacts, basePath: string | undefined, http?: HttpRoutes): Router {
  const table = new Map<string, Answering>(facts.paths.map((path) => [path, upgradeAnswer]));
  for (const [path, answering] of Object.entries(basePath === undefined ? {} : STATE_PATHS)) {
    table.set(basePath === '' ? path : `${basePath}${path === '/' ? '' : path}`, answering);
  }
  const find = createRouteTable(
    new Map([...(http?.routes ?? [])].map(([key, route]) => [key, { route, path: key }])),
  );
  return {
    answer(request, response) {
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      const found = http && find(path, request.headers.host);
      if (found) {
        http.plane.serve({ ...found.route, values: found.values ?? {} }, request, response);
        return true;
      }
      const answering = table.get(path);
      if (!answering) return false;
      const { status, body, headers } = judgeMethod(request.method) ?? answering(facts, basePath ?? '');
      respondJson(response, status, body, headers);
      return true;
    },
  };
}

export type Handle = (request: IncomingMessage, response: ServerResponse, next?: () => void) => void;

/** A router as a request listener: what is not its own goes to `next`, or is answered 404 where there is none. */
export function toHandle(router: Router): Handle {
  return (request, response, next) => {
    if (router.answer(request, response)) return;
    if (next) next();
    else respondJson(response, NOT_FOUND.status, NOT_FOUND.body);
  };
}

const NOT_FOUND: Answer = {
  status: 404,
  body: { error: 'not_found', message: 'There is nothing at this path.' },
};

function judgeMethod(method: string | undefined): Answer | undefined {
  if (method === 'GET' || method === 'HEAD') return undefined;
  const body = { error: 'method_not_allowed', message: 'This path answers GET only.' };
  return { status: 405, body, headers: { Allow: 'GET, HEAD' } };
}

/** A page or a person opened a WebSocket path with plain HTTP. */
function upgradeAnswer(): Answer {
  const message = 'This path speaks WebSocket. Connect with ws:// or wss://.';
  return { status: 426, body: { error: 'upgrade_required', message }, headers: { Upgrade: 'websocket' } };
}
