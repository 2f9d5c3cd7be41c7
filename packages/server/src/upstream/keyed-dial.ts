/**
 * Gives each dial the key to use: one that is loaded and not too old, and another one once where the provider refuses it. Nothing of a
 * client has gone upstream by then. Each try has the provider's own time limit.
 */
import { ProxyError } from '../errors.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { Dial } from './dial.ts';
import type { KeyLoading } from './key-loading.ts';
import type { RefusedKey } from './key-ring.ts';

export interface KeyedParts {
  readonly loading: Pick<KeyLoading, 'ready'>;
  readonly onRefused: (facts: RefusedKey) => void;
}

export function createKeyedDial(dial: Dial, { loading, onRefused }: KeyedParts): Dial {
  return async (route, target, signal) => {
    const { keys } = route;
    if (target.token !== undefined || keys.isEmpty) return dial(route, target, signal);
    const pending = loading.ready(keys);
    if (pending) await unlessAborted(pending, signal);
    const [first, second] = keys.candidates();
    const dialWith = async (key: typeof first): ReturnType<Dial> => {
      if (key === undefined) throw new ProxyError('UpstreamUnavailable', 'no key could be loaded');
      try {
        const leg = await dial(route, { ...target, key }, signal);
        keys.accepted(key);
        return leg;
      } catch (error) {
        const facts = isRefusal(error) ? keys.refused(key) : undefined;
        if (facts) onRefused(facts);
        throw error;
      }
    };
    return dialWith(first).catch((error: unknown) => {
      if (second === undefined || signal.aborted || !isRefusal(error)) throw error;
      return dialWith(second);
    });
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProxyError && error.closeName === 'UpstreamAuth';
}

/** A client that leaves waits for nothing. */
async function unlessAborted(wait: Promise<void>, signal: StopSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => reject(new ProxyError('Internal', 'dial cancelled'));
    signal.addEventListener('abort', onAbort);
    wait.finally(() => signal.removeEventListener('abort', onAbort)).then(resolve, reject);
  });
}
