/** An abuse case whose harm begins in an open session; without another end its client says goodbye. */
import { expect } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { AbuseBench, OpenSession } from './abuse-bench.ts';
import { type AbuseCase, linesSaying, runAbuseCase } from './abuse-case.ts';
import type { RawUpgradeOptions } from './raw-request.ts';
import type { TestCleanup } from './test-cleanup.ts';
import type { WireOutcome } from './wire-outcome.ts';

/** What a client sees whose normal close was answered. */
export const GOODBYE: WireOutcome = { passed: { code: NORMAL_CLOSURE, reason: '' } };

export interface SessionCase extends Omit<AbuseCase, 'attack' | 'wire'> {
  /** How the session's client asks for it, where it must differ from any client. */
  readonly asks?: (bench: AbuseBench) => Partial<RawUpgradeOptions>;
  /** Does the harm to an open session. Default: nothing more than what it asked for. */
  readonly attack?: (open: OpenSession & { readonly bench: AbuseBench }) => unknown;
  /** What its client sees. Default: it closes normally behind the attack, and is answered. */
  readonly wire?: WireOutcome;
  /** Sessions in all, each of which must end by itself. Default 1. */
  readonly dials?: number;
}

/** A query that asks for session mode. */
export const inSessionMode = (bench: AbuseBench): Partial<RawUpgradeOptions> => ({
  target: bench.target(`vp=1&token=${bench.token()}`),
});

export function runSessionCase(
  test: TestCleanup,
  { asks, wire, dials = 1, ...one }: SessionCase,
): Promise<void> {
  return runAbuseCase(test, {
    ...one,
    dials,
    wire: wire ?? GOODBYE,
    async attack(bench) {
      const open = await bench.open(asks?.(bench));
      await one.attack?.({ bench, ...open });
      if (!wire) open.client.close(NORMAL_CLOSURE);
      return open.client;
    },
    async also(bench) {
      expect(linesSaying(bench.logs, 'session ended')).toHaveLength(dials);
      await one.also?.(bench);
    },
  });
}
