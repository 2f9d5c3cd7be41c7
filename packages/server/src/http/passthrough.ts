/**
 * A provider's REST API, one route for each of the calls that its data allows: the user's token stays here, the real key goes with
 * what may pass, and the answer comes back as it is made. There is no other path.
 */
import type { ApiCall, HttpApi } from '../upstream/http-api.ts';
import type { KeyRing } from '../upstream/key-ring.ts';
import type { KeyedRequest } from '../upstream/keyed-call.ts';
import { Secret } from '../upstream/secret.ts';
import { streamBody } from './body-stream.ts';
import { FAULT_SHAPES } from './fault-dialects.ts';
import type { BodyRules, Exchange, HttpRoute, RateRule } from './http-route.ts';
import { createJsonJudge, type JsonJudge } from './json-judge.ts';
import { passAnswer, type Passing } from './pass-answer.ts';
import { fillPath, passedHeaders, passedLength, passedType, toSearch } from './pass-request.ts';

export interface PassthroughParts {
  readonly api: HttpApi;
  readonly keys: KeyRing;
  /** Stands before the paths of the calls; may be empty. */
  readonly prefix: string;
  /** Shared by all calls. */
  readonly rate: RateRule;
}

/** Longest time without a byte, either way. */
const IDLE_MS = 30_000;
/** Node's own limit of a request. */
const LONGEST_UPLOAD_MS = 300_000;

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
  const { body } = call;
  const judge = body?.kind === 'json' ? createJsonJudge(body.rules) : undefined;
  const line: Line = { api, call, keys, url, judge };
  return {
    kind: 'http',
    title: api.title,
    keys,
    method: call.method,
    body: body && toBodyRules(body),
    rate,
    isCounted: true,
    credentialSlots: api.clientCredential,
    readableHeaders: (api.answerHeaders ?? []).map(toHeaderName),
    faults: FAULT_SHAPES[api.dialect],
    async answer(exchange) {
      await passAnswer(line, exchange, await exchange.call(toCall(line, exchange)));
      return undefined;
    },
  };
}

function toBodyRules({ kind, maxBytes }: NonNullable<ApiCall['body']>): BodyRules {
  return { kind, maxBytes };
}

/** As headers are written: `request-id` as `Request-Id`. */
function toHeaderName(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, dash: string, letter: string) => dash + letter.toUpperCase());
}

interface Line extends Passing {
  readonly keys: KeyRing;
  readonly url: Secret;
  readonly judge: JsonJudge | undefined;
}

/** @throws HttpFault for what may not be asked. */
function toCall(line: Line, exchange: Exchange): KeyedRequest {
  const { api, call, keys, url } = line;
  const { query, values, request, signal } = exchange;
  const { body, headers = {} } = toBody(line, exchange);
  return {
    url,
    method: call.method,
    path: fillPath(call, values),
    search: toSearch(call, query),
    headers: { ...passedHeaders(api, request.headers), ...headers },
    auth: { slot: api.upstreamAuth, keys },
    body,
    limits: { ...call.limits, idleMs: IDLE_MS, totalMs: LONGEST_UPLOAD_MS + call.limits.totalMs },
    signal,
  };
}

type Body = Pick<KeyedRequest, 'body'> & { readonly headers?: Readonly<Record<string, string>> };

function toBody({ call, judge }: Line, exchange: Exchange): Body {
  const { request, body, bodySha256: sha256, clock } = exchange;
  if (judge)
    return {
      body: Buffer.from(JSON.stringify(judge(body))),
      headers: { 'content-type': 'application/json' },
    };
  if (call.body?.kind !== 'stream') return { body: undefined };
  const { types, maxBytes } = call.body;
  const type = passedType(types, request.headers);
  const rules = { maxBytes, idleMs: IDLE_MS, totalMs: LONGEST_UPLOAD_MS, sha256 };
  return {
    body: streamBody(request, rules, clock),
    // A length would have the provider take a whole request before it is known whether it is the signed one.
    headers: { 'content-type': type, ...(sha256 === undefined ? passedLength(request.headers) : {}) },
  };
}
