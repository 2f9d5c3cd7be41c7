/**
 * Gives each request to a provider's HTTP API the key to use: one that is loaded and not too old, and another one once where the provider
 * refuses it and the request can be sent again. An upload that passes as it comes cannot.
 */
import type { CallUpstream, HttpCall, HttpReply } from './http-call.ts';
import type { KeyedParts } from './keyed-dial.ts';
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
    await parts.loading.ready(keys);
    request.signal.throwIfAborted();
    const [first, second] = keys.candidates() as readonly [Secret, ...Secret[]];
    const reply = await call({ ...request, auth: { slot, secret: first } });
    if (!note(parts, keys, first, reply) || !second || !canRepeat(request)) return reply;
    reply.discard();
    const again = await call({ ...request, auth: { slot, secret: second } });
    note(parts, keys, second, again);
    return again;
  };
}

/** True when the provider refused the key. */
function note({ onRefused }: KeyedParts, keys: KeyRing, key: Secret, { status }: HttpReply): boolean {
  if (status < 400) keys.accepted(key);
  if (status !== 401 && status !== 403) return false;
  const facts = keys.refused(key);
  if (facts) onRefused(facts);
  return true;
}

function canRepeat({ body }: KeyedRequest): boolean {
  return body === undefined || Buffer.isBuffer(body);
}
