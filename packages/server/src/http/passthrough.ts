/**
 * A provider's REST API, one route for each of the calls that its data allows: the user's token stays here, the real key goes with
 * what may pass, and the answer comes back as it is made. There is no other path.
 */
import type { ApiCall, HttpApi } from '../upstream/http-api.ts';
import type { KeyRing } from '../upstream/key-ring.ts';
import type { KeyedRequest } from '../upstream/keyed-call.ts';
import { Secret } from '../upstream/secret.ts';
import { createMakeBody, IDLE_MS, LONGEST_UPLOAD_MS, type MakeBody, toBodyRules } from './call-body.ts';
import { FAULT_SHAPES } from './fault-dialects.ts';
import type { Exchange, HttpRoute, RateRule } from './http-route.ts';
import { passAnswer, type Passing } from './pass-answer.ts';
import { fillPath, passedHeaders, toSearch } from './pass-request.ts';

export interface PassthroughParts {
  readonly api: HttpApi;
  readonly keys: KeyRing;
  /** Stands before the paths of the calls; may be empty. */
  readonly prefix: string;
  /** Shared by all calls. */
  readonly rate: RateRule;
}

/** By method and path, such as `POST /anthropic/v1/messages`, so that a socket may have the same path. */
export function passthrough(parts: PassthroughParts): Record<string, HttpRoute> {
  const { api, prefix } = parts;
  const url = new Secret(api.baseUrl.replace(/\/$/, ''));
  return Object.fromEntries(
    Object.values(api.calls).map((call) => [
      `${call.method} ${prefix}${call.path}`,
      toRoute(parts, url, call),
    ]),
  );
}

function toRoute({ api, keys, rate }: PassthroughParts, url: Secret, call: ApiCall): HttpRoute {
  const line: Line = { api, call, keys, url, makeBody: createMakeBody(call) };
  return {
    kind: 'http',
    title: api.title,
    keys,
    method: call.method,
    body: toBodyRules(call),
    rate,
    isCounted: true,
    credentialSlots: api.clientCredential,
    readableHeaders: (api.answerHeaders ?? []).map(toHeaderName),
    faults: FAULT_SHAPES[api.dialect],
    async answer(exchange) {
      await passAnswer(line, exchange, await exchange.call(await toCall(line, exchange)));
      return undefined;
    },
  };
}

/** As headers are written: `request-id` as `Request-Id`. */
function toHeaderName(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}

interface Line extends Passing {
  readonly keys: KeyRing;
  readonly url: Secret;
  readonly makeBody: MakeBody;
}

/** Rejects with an HttpFault for what may not be asked. */
async function toCall(line: Line, exchange: Exchange): Promise<KeyedRequest> {
  const { api, call, keys, url } = line;
  const { values, request, signal } = exchange;
  const path = fillPath(call, values);
  const { body, headers, query } = await line.makeBody(exchange);
  return {
    ...{ url, method: call.method, path, body, signal },
    needsWholeBody: exchange.bodySha256 !== undefined,
    search: toSearch(query, exchange.query),
    headers: { ...passedHeaders(api, request.headers), ...headers },
    auth: { slot: api.upstreamAuth, keys },
    limits: { ...call.limits, idleMs: IDLE_MS, totalMs: LONGEST_UPLOAD_MS + call.limits.totalMs },
  };
}
