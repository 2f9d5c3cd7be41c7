/** Which key a request to a provider goes with, and which one it is tried with again. Waits for what is loaded no longer than its client stays. */
import { ProxyError } from '../errors.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { KeyLoading } from './key-loading.ts';
import type { KeyRing, RefusedKey } from './key-ring.ts';
import type { Secret } from './secret.ts';

export interface KeyedParts {
  readonly loading: Pick<KeyLoading, 'ready' | 'renew'>;
  readonly onRefused: (facts: RefusedKey) => void;
}

/** The key to use. @throws ProxyError when none can be had, or the client has left. */
export async function firstKey({ loading }: KeyedParts, keys: KeyRing, signal: StopSignal): Promise<Secret> {
  const pending = loading.ready(keys);
  if (pending) await unlessAborted(pending, signal);
  const [first] = keys.candidates();
  if (!first) throw new ProxyError('UpstreamUnavailable', 'no key could be loaded');
  return first;
}

/** The provider has refused this key. Its source is asked again, since a key that is replaced may be revoked at once. */
export function noteRefused({ loading, onRefused }: KeyedParts, keys: KeyRing, key: Secret): void {
  const facts = keys.refused(key);
  if (facts) onRefused(facts);
  void loading.renew(keys);
}

/** After one was refused: the next one, else one that its source has by now. */
export async function otherKey(
  { loading }: KeyedParts,
  keys: KeyRing,
  refused: Secret,
  signal: StopSignal,
): Promise<Secret | undefined> {
  const find = (): Secret | undefined => keys.candidates().find((key) => !key.equals(refused));
  const pending = loading.renew(keys);
  if (pending && !find()) await unlessAborted(pending, signal);
  return find();
}

async function unlessAborted(wait: Promise<void>, signal: StopSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => reject(new ProxyError('Internal', 'the client has left'));
    // In any case, since a failure that nobody hears would end the process.
    wait.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
