/** The body of a request to a provider: judged and written anew where it is JSON or a form, passed as it comes where it is anything else. */
import type { ApiCall } from '../upstream/http-api.ts';
import type { KeyedRequest } from '../upstream/keyed-call.ts';
import type { QueryRules } from '../upstream/preset.ts';
import { streamBody } from './body-stream.ts';
import { unsupportedType } from './fault.ts';
import { createFormJudge } from './form-body.ts';
import type { BodyRules, Exchange } from './http-route.ts';
import { createJsonJudge } from './json-judge.ts';
import { hasPlainEncoding, typeOf } from './media-type.ts';
import { passedLength, passedType } from './pass-request.ts';

/** Longest time without a byte, either way. */
export const IDLE_MS = 30_000;
/** Node's own limit of a request. */
export const LONGEST_UPLOAD_MS = 300_000;

export interface CallBody {
  readonly body: KeyedRequest['body'];
  readonly headers: Readonly<Record<string, string>>;
  /** What the query of a request with this body may have. */
  readonly query: QueryRules;
}

/** Rejects with an HttpFault for what may not be sent. */
export type MakeBody = (exchange: Exchange) => Promise<CallBody>;

/** What is read before a route is asked. */
export function toBodyRules({ body, form }: ApiCall): BodyRules | undefined {
  return body && { kind: body.kind, maxBytes: Math.max(body.maxBytes, form?.maxBytes ?? 0) };
}

export function createMakeBody(call: ApiCall): MakeBody {
  const { query } = call;
  const judge = call.body?.kind === 'json' ? createJsonJudge(call.body.rules) : undefined;
  const makeForm = createMakeForm(call);
  return async (exchange) => {
    const form = await makeForm?.(exchange);
    if (form) return form;
    if (judge) {
      const body = Buffer.from(JSON.stringify(judge(exchange.body)));
      return { body, headers: { 'content-type': 'application/json' }, query };
    }
    return call.body?.kind === 'stream'
      ? { ...passBody(call.body, exchange), query }
      : { body: undefined, headers: {}, query };
  };
}

function createMakeForm({
  form,
}: ApiCall): ((exchange: Exchange) => Promise<CallBody | undefined>) | undefined {
  if (!form) return undefined;
  const judge = createFormJudge(form);
  return async (exchange) => {
    const { headers } = exchange.request;
    if (typeOf(headers['content-type']).type !== 'multipart/form-data') return undefined;
    if (!hasPlainEncoding(headers)) throw unsupportedType('multipart/form-data');
    const { body, type } = await judge(exchange, IDLE_MS);
    return { body, headers: { 'content-type': type }, query: form.query };
  };
}

function passBody(
  { types, maxBytes }: Extract<ApiCall['body'], { kind: 'stream' }>,
  { request, bodySha256: sha256, clock, signal }: Exchange,
): Omit<CallBody, 'query'> {
  const type = passedType(types, request.headers);
  const rules = { maxBytes, idleMs: IDLE_MS, totalMs: LONGEST_UPLOAD_MS, sha256, signal };
  return {
    body: streamBody(request, rules, clock),
    // A length would have the provider take a whole request before it is known whether it is the signed one.
    headers: { 'content-type': type, ...(sha256 === undefined ? passedLength(request.headers) : {}) },
  };
}
