/** Signs the tokens of the demo's one visitor, good ones and those that a real application would never give. */
import { randomBytes } from 'node:crypto';
import { createDevelopmentToken } from '@voxproxy/server';
import type { DemoToken, TokenKind } from '../demo-contract.ts';

const HOUR_MS = 3_600_000;

export interface DemoTokens {
  /** What the proxy verifies with. */
  secret: string;
  sign(kind: TokenKind): Promise<DemoToken>;
}

/** `shortMs` is the life of a short token, at least a second. The secret is new each time. */
export function createDemoTokens(shortMs: number): DemoTokens {
  const secret = randomBytes(32).toString('hex');
  const otherSecret = randomBytes(32).toString('hex');
  const lives: Readonly<Record<TokenKind, number>> = {
    good: HOUR_MS,
    short: shortMs,
    expired: -HOUR_MS,
    wrong: HOUR_MS,
  };
  return {
    secret,
    async sign(kind) {
      const token = await createDevelopmentToken({
        secret: kind === 'wrong' ? otherSecret : secret,
        sub: 'demo-visitor',
        lifetimeMs: lives[kind],
      });
      return { token, expiresAt: Date.now() + lives[kind] };
    },
  };
}
