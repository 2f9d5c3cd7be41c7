/** Tokens signed by hand, so that tests can make wrong ones too. Shares no code with what verifies them. */
import { createHmac } from 'node:crypto';

/** What the servers of tests verify tokens with. */
export const JWT_SECRET = 'a-jwt-secret-of-tests-that-is-long-enough';

export interface TokenShape {
  /** Joins, and replaces, `sub`, `iat` and `exp`; undefined leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Joins, and replaces, `alg` and `typ`. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Default JWT_SECRET. */
  readonly secret?: string;
  /** The hash of the signature, whatever the header says. Default `sha256`. */
  readonly hash?: 'sha256' | 'sha512';
  /** The third part in place of a signature; may be empty. */
  readonly signature?: string;
  /** The time to count from, in milliseconds. Default now. */
  readonly nowMs?: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT that is valid for five minutes unless told otherwise. */
export function makeToken(shape: TokenShape = {}): string {
  const now = Math.floor((shape.nowMs ?? Date.now()) / 1000);
  const header = encode({ alg: 'HS256', typ: 'JWT', ...shape.header });
  const claims = encode({ sub: 'alice', iat: now, exp: now + 300, ...shape.claims });
  const hmac = createHmac(shape.hash ?? 'sha256', shape.secret ?? JWT_SECRET).update(`${header}.${claims}`);
  return `${header}.${claims}.${shape.signature ?? hmac.digest('base64url')}`;
}
