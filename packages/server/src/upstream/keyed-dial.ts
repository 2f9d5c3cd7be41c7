/**
 * Gives each dial the key to use: one that is loaded and not too old, and another one once where the provider refuses it. Nothing of a
 * client has gone upstream by then. Each try has the provider's own time limit.
 */
import { ProxyError } from '../errors.ts';
import type { Dial } from './dial.ts';
import { firstKey, type KeyedParts, noteRefused, otherKey } from './key-choice.ts';
import type { Secret } from './secret.ts';

export function createKeyedDial(dial: Dial, parts: KeyedParts): Dial {
  return async (route, target, signal) => {
    const { keys } = route;
    if (target.token !== undefined || keys.isEmpty) return dial(route, target, signal);
    const dialWith = async (key: Secret): ReturnType<Dial> => {
      try {
        const leg = await dial(route, { ...target, key }, signal);
        keys.accepted(key);
        return leg;
      } catch (error) {
        if (isRefusal(error)) noteRefused(parts, keys, key);
        throw error;
      }
    };
    const first = await firstKey(parts, keys, signal);
    return dialWith(first).catch(async (error: unknown) => {
      const other = isRefusal(error) ? await otherKey(parts, keys, first, signal) : undefined;
      if (!other || signal.aborted) throw error;
      return dialWith(other);
    });
  };
}

function isRefusal(error: unknown): boolean {
  return error instanceof ProxyError && error.closeName === 'UpstreamAuth';
}
