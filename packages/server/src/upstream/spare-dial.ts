/** Gives a session an opened connection that nobody has used, where its route keeps such and one fits; otherwise it is dialled. */
import type { Clock } from '../clock.ts';
import { dialCancelled } from './answer-check.ts';
import type { DialFor } from './dial.ts';
import type { OpenedUpstream } from './open-upstream.ts';
import type { Spares } from './route.ts';
import { SparePool } from './spare-pool.ts';

export interface SpareDial {
  readonly dial: DialFor<OpenedUpstream>;
  /** Ends all spares; from then on every session is dialled. */
  stop(): void;
}

/** `dial` opens both what sessions need at once and spares. Routes are those of the options, so there are only so many pools. */
export function createSpareDial(dial: DialFor<OpenedUpstream>, clock: Clock): SpareDial {
  const pools = new Map<Spares, SparePool>();
  let isStopped = false;
  const poolOf = (rules: Spares): SparePool => {
    const pool = pools.get(rules) ?? new SparePool({ clock, rules, dial });
    pools.set(rules, pool);
    return pool;
  };
  return {
    async dial(route, target, signal) {
      const rules = route.spares?.get(target.service);
      // A connection is as good as another one only where the same is said in its handshake.
      const fits = rules && target.url === rules.url && target.token === undefined;
      if (!fits || isStopped) return dial(route, target, signal);
      const pool = poolOf(rules);
      const spare = await pool.take(target.key);
      if (spare && signal.aborted) {
        spare.socket.destroy();
        throw dialCancelled();
      }
      const opened = spare ?? (await dial(route, target, signal));
      pool.keepUp(route, target);
      return opened;
    },
    stop() {
      isStopped = true;
      for (const pool of pools.values()) pool.stop();
    },
  };
}
