/**
 * Tries the further addresses of a route whose provider is down, one after the other, within one time limit. Each try ends before the next
 * begins, and nothing of a client goes upstream before one has succeeded. What an outage is, each dial says.
 */
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import type { Leg } from '../leg/leg.ts';
import { Stop, type StopSignal } from '../stop-signal.ts';
import { noAnswerInTime } from './answer-check.ts';
import type { Dial } from './dial.ts';
import type { Target } from './target.ts';

/** Which address is tried, in words that tell no address. */
export interface FallbackFacts {
  readonly provider: string;
  readonly service: string;
  /** Such as `2 of 3`. */
  readonly address: string;
  /** Why the one before failed. */
  readonly why: string;
}

export interface FallbackParts {
  readonly clock: Clock;
  /** The address before was down; this one is tried now. */
  readonly onFellBack: (facts: FallbackFacts) => void;
}

/** Like `dial`; also rejects with `UpstreamTimeout` when a route's time for all of its addresses is over. */
export function createFallbackDial(dial: Dial, parts: FallbackParts): Dial {
  return async (route, target, signal) => {
    if (!route.fallback || !target.others) return dial(route, target, signal);
    const limit = startLimit(parts.clock, route.fallback.totalMs, signal);
    const dialOne: DialOne = (one) => dial(route, one, limit.signal);
    try {
      return await dialInOrder(dialOne, toTargets(target), limit.signal, (one, error) => {
        const { service, address = '' } = one;
        parts.onFellBack({ provider: route.preset.id, service, address, why: error.message });
      });
    } catch (error) {
      throw limit.isOver() ? noAnswerInTime() : error;
    } finally {
      limit.end();
    }
  };
}

type DialOne = (target: Target) => Promise<Leg>;

/** The first address and the others, each by itself. */
function toTargets({ others = [], ...first }: Target): Target[] {
  const urls = [first.url, ...others];
  return urls.map((url, at) => ({ ...first, url, address: `${at + 1} of ${urls.length}` }));
}

async function dialInOrder(
  dial: DialOne,
  targets: readonly Target[],
  signal: StopSignal,
  onNext: (target: Target, error: ProxyError) => void,
): Promise<Leg> {
  let failure: ProxyError | undefined;
  for (const target of targets) {
    if (failure) onNext(target, failure);
    try {
      return await dial(target);
    } catch (error) {
      if (!(error instanceof ProxyError) || error.tells !== 'down' || signal.aborted) throw error;
      failure = failure ? soonest(failure, error) : error;
    }
  }
  throw failure ?? noAnswerInTime();
}

/** What a client is told to whom no address answered: to come back when the first of them may. */
function soonest(one: ProxyError, other: ProxyError): ProxyError {
  if (other.retryAfterMs === undefined) return other;
  return one.retryAfterMs === undefined || one.retryAfterMs <= other.retryAfterMs ? one : other;
}

interface Limit {
  /** Aborts with the time, or with the signal from outside. */
  readonly signal: StopSignal;
  isOver(): boolean;
  end(): void;
}

function startLimit(clock: Clock, totalMs: number, outer: StopSignal): Limit {
  const stop = new Stop();
  let isOver = false;
  const onAbort = (): void => stop.abort();
  const cancel = clock.after(totalMs, () => {
    isOver = true;
    // Whether it was the address that took the time, each dial says.
    stop.abort(noAnswerInTime());
  });
  if (outer.aborted) stop.abort();
  outer.addEventListener('abort', onAbort);
  return {
    signal: stop,
    isOver: () => isOver,
    end() {
      cancel();
      outer.removeEventListener('abort', onAbort);
    },
  };
}
