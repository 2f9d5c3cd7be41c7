/**
 * Gives each request to a provider's HTTP API the key to use: one that is loaded and not too old, and another one once where the provider
 * refuses it and the request can be sent again. An upload that passes as it comes cannot.
 */
import type { CallUpstream, HttpCall, HttpReply } from './http-call.ts';
import { firstKey, type KeyedParts, noteRefused, otherKey } from './key-choice.ts';
import type { KeyRing } from './key-ring.ts';
import type { Secret } from './secret.ts';

type Auth = NonNullable<HttpCall['auth']>;

/** A request without its key. */
export interface KeyedRequest extends Omit<HttpCall, 'auth'> {
  readonly auth?: { readonly slot: Auth['slot']; readonly keys: KeyRing } | undefined;
}

/** Rejects with a ProxyError, also when no key can be loaded. */
export type KeyedCall = (request: KeyedRequest) => Promise<HttpReply>;

export function createKeyedCall(call: CallUpstream, parts: KeyedParts): KeyedCall {
  return async ({ auth, ...request }) => {
    if (!auth || auth.keys.isEmpty) return call(request);
    const { slot, keys } = auth;
    const first = await firstKey(parts, keys, request.signal);
    const reply = await call({ ...request, auth: { slot, secret: first } });
    if (!note(parts, keys, first, reply) || !canRepeat(request)) return reply;
    const other = await otherKey(parts, keys, first, request.signal);
    if (!other) return reply;
    reply.discard();
    const again = await call({ ...request, auth: { slot, secret: other } });
    note(parts, keys, other, again);
    return again;
  };
}

/** True when the provider refused the key. */
function note(parts: KeyedParts, keys: KeyRing, key: Secret, { status }: HttpReply): boolean {
  if (status < 400) keys.accepted(key);
  const isRefused = status === 401 || status === 403;
  if (isRefused) noteRefused(parts, keys, key);
  return isRefused;
}

function canRepeat({ body }: KeyedRequest): boolean {
  return body === undefined || Buffer.isBuffer(body);
}
