/** What `/`, `/health` and `/ready` say: state, never configuration. */

export interface ServiceFacts {
  readonly version: string;
  /** Public paths of the WebSocket routes. */
  readonly paths: readonly string[];
  /** Those of the HTTP routes. */
  readonly httpPaths: readonly string[];
  /** What clients may ask for, by path, where that is a list. Default: nothing is said. */
  readonly routes?: Readonly<Record<string, object>> | undefined;
  now(): number;
  isDraining(): boolean;
  /** Whether the routes have the keys that they need. Default: they have. */
  hasKeys?(): boolean;
}

export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const SERVICE = 'voxproxy';

/** For a person with curl. `basePath` is what stands before the two paths that it names. */
export function rootAnswer({ version, paths, httpPaths, routes }: ServiceFacts, basePath: string): Answer {
  const [health, ready] = [`${basePath}/health`, `${basePath}/ready`];
  const http = httpPaths.length > 0 ? { http: httpPaths } : {};
  const body = { service: SERVICE, version, websocket: paths, ...http, health, ready };
  return { status: 200, body: routes ? { ...body, routes } : body };
}

/** The process lives, also while it drains. */
export function healthAnswer(facts: ServiceFacts): Answer {
  const timestamp = new Date(facts.now()).toISOString();
  return { status: 200, body: { status: 'healthy', service: SERVICE, timestamp, version: facts.version } };
}

/** Whether a load balancer should send new sessions here; fails first when draining. */
export function readyAnswer(facts: ServiceFacts): Answer {
  if (facts.isDraining()) return { status: 503, body: { status: 'draining' } };
  if (facts.hasKeys?.() === false) return { status: 503, body: { status: 'no_keys' } };
  return { status: 200, body: { status: 'ready' } };
}
