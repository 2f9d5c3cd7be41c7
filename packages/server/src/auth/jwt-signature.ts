/**
 * Recognises the tokens that the usual libraries sign by HMAC, at once: Web Crypto, by which jose verifies, sends each one
 * through a thread, and that costs more than the rest of an admission. It only ever says yes; every other token is jose's.
 */
import { createHmac, timingSafeEqual, type KeyObject } from 'node:crypto';
import type { JwtAlgorithm } from './jwt-key.ts';

/** The payload of a token whose signature is good, still encoded; undefined for a token that jose must judge. */
export type SignedPayloadOf = (token: string) => string | undefined;

/** RFC 7518 3.2. */
const HASHES: Readonly<Partial<Record<JwtAlgorithm, string>>> = {
  HS256: 'sha256',
  HS384: 'sha384',
  HS512: 'sha512',
};

/** Only accepted algorithms are recognised, and for public keys none. */
export function recogniseSigned(key: KeyObject, algorithms: readonly JwtAlgorithm[]): SignedPayloadOf {
  const hashes = new Map(algorithms.flatMap(toUsualHeaders));
  return (token) => {
    const headerEnd = token.indexOf('.');
    const payloadEnd = token.lastIndexOf('.');
    const hash = hashes.get(token.slice(0, headerEnd));
    if (hash === undefined || payloadEnd <= headerEnd) return undefined;
    const due = createHmac(hash, key).update(token.slice(0, payloadEnd)).digest('base64url');
    return isSame(token.slice(payloadEnd + 1), due) ? token.slice(headerEnd + 1, payloadEnd) : undefined;
  };
}

/** Headers that say nothing but the algorithm, as they stand in tokens: whatever else one may ask for is not in them. */
function toUsualHeaders(algorithm: JwtAlgorithm): [header: string, hash: string][] {
  const hash = HASHES[algorithm];
  if (hash === undefined) return [];
  const headers = [{ alg: algorithm }, { alg: algorithm, typ: 'JWT' }, { typ: 'JWT', alg: algorithm }];
  return headers.map((header) => [Buffer.from(JSON.stringify(header)).toString('base64url'), hash]);
}

/** Takes as long wherever two texts differ. */
function isSame(given: string, due: string): boolean {
  const [one, other] = [Buffer.from(given), Buffer.from(due)];
  return one.length === other.length && timingSafeEqual(one, other);
}
