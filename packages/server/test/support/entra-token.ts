/** Access tokens as Entra ID makes them, signed by hand with a key of the tests, so that wrong ones can be made too. */
import { generateKeyPairSync, sign } from 'node:crypto';

export const TENANT = '11111111-2222-3333-4444-555555555555';
const KEY_ID = 'key-1';
const PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** The public half, as the tenant's address tells it. */
export const ENTRA_KEYS = {
  keys: [{ ...PAIR.publicKey.export({ format: 'jwk' }), kid: KEY_ID, use: 'sig', alg: 'RS256' }],
};

export interface EntraShape {
  readonly audience: string;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** Default now. */
  readonly nowMs?: number;
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token that is valid for an hour unless told otherwise. */
export function entraToken({ audience, claims, header, nowMs = Date.now() }: EntraShape): string {
  const now = Math.floor(nowMs / 1000);
  const head = encode({ alg: 'RS256', typ: 'JWT', kid: KEY_ID, ...header });
  const body = encode({
    ...{ aud: audience, iss: `https://sts.windows.net/${TENANT}/`, tid: TENANT, oid: 'user-1' },
    ...{ iat: now, nbf: now, exp: now + 3_600, ...claims },
  });
  return `${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), PAIR.privateKey).toString('base64url')}`;
}
