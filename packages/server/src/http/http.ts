/** http(): routes to any provider's REST API, written by the operator. Nothing passes that is not written. */
import { ConfigError } from '../errors.ts';
import type { HandshakeSlot } from '../contract/index.ts';
import type { ApiBody, ApiCall, ApiForm, FaultDialect } from '../upstream/http-api.ts';
import { checkHttpApi } from '../upstream/http-api-check.ts';
import type { QueryRules } from '../upstream/preset.ts';
import type { HttpRoute } from './http-route.ts';
import { toRestRoutes, type RestOptions } from './rest-options.ts';

/** One call that pages may make. */
export interface HttpCallOptions {
  method: 'GET' | 'POST';
  /** Behind `url`. `{name}` stands for a name that the client fills in: letters, digits, dots, `_` and `-`, at most 64. */
  path: string;
  /** Default `{ only: [] }`: no parameter passes. */
  query?: QueryRules | undefined;
  /** Default: none is sent. */
  body?: ApiBody | undefined;
  /** What clients may send instead of a body of the kind `stream`. Default: none. */
  form?: ApiForm | undefined;
  /** Values of the path's variables, such as `{ voice: ['anna', 'ben-*'] }`. Default: any name. Another: 403. */
  listed?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Media types of answers that pass, `audio/*` for all that begin so. Default `['application/json']`. Another: 502. */
  answers?: readonly string[] | undefined;
  /** Time until an answer, once all is sent. Default 60 000 ms, above 0. Beyond: 504. */
  timeoutMs?: number | undefined;
  /** Longest time for all of an answer. Default 600 000 ms, above 0. Beyond, the connection is cut. */
  longestMs?: number | undefined;
  /** Longest answer, in bytes. Default 16 MiB, above 0. Beyond, the connection is cut. */
  maxAnswerBytes?: number | undefined;
}

export interface HttpOptions extends Omit<RestOptions, 'baseUrl'> {
  /** What stands before the paths of the calls at the provider. `https:`, or `http:` on loopback. */
  url: string;
  /** The header in which the key goes. Default `Authorization: Bearer {key}`. */
  upstreamAuth?: Extract<HandshakeSlot, { in: 'header' }> | undefined;
  /** Where the provider's SDK puts its key, so that users' tokens are found there, beside the places of the contract. Default: none. */
  clientCredential?: readonly HandshakeSlot[] | undefined;
  /** Stands before the paths of the calls here; `''` for the root. */
  prefix: string;
  calls: readonly HttpCallOptions[];
  /** Headers for the provider beside the key's, in lower case. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Headers of clients that pass, in lower case. Default: none. */
  requestHeaders?: readonly string[] | undefined;
  /** Headers of answers that pass, in lower case, and that pages may read. Default: none. `location` passes without its host. */
  answerHeaders?: readonly string[] | undefined;
  /** The shape of this server's own errors. Default `plain`. */
  dialect?: FaultDialect | undefined;
}

const BEARER = { in: 'header', name: 'authorization', format: 'Bearer {key}' } as const;

/** Routes to spread into `routes`, one for each call. @throws ConfigError that names the option that cannot work. */
export function http(options: HttpOptions): Record<string, HttpRoute> {
  const name = 'http()';
  const { url: baseUrl, upstreamAuth = BEARER, clientCredential = [], calls, dialect = 'plain' } = options;
  const { headers, requestHeaders, answerHeaders } = options;
  const paths = calls.map(({ method, path }) => `${method} ${path}`);
  const twice = paths.find((path, at) => paths.indexOf(path) !== at);
  if (twice !== undefined) throw new ConfigError(`${name}.calls`, `has ${twice} twice.`);
  const api = checkHttpApi(name, {
    ...{ id: 'api', title: 'HTTP', grade: 'own', baseUrl, upstreamAuth, clientCredential, dialect },
    ...{ headers, requestHeaders, answerHeaders },
    calls: Object.fromEntries(calls.map((call, at) => [at, toApiCall(call)])),
  });
  return toRestRoutes(name, api, { ...options, baseUrl });
}

function toApiCall(call: HttpCallOptions): ApiCall {
  const { method, path, query = { only: [] }, body, form, listed, answers = ['application/json'] } = call;
  const limits = {
    answerMs: call.timeoutMs ?? 60_000,
    totalMs: call.longestMs ?? 600_000,
    maxBytes: call.maxAnswerBytes ?? 16_777_216,
  };
  return { method, path, query, body, form, listed, answers, limits };
}
