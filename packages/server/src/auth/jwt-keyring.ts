/** Keys as Web Crypto wants them, made once: jose would import an HMAC secret anew for every token. */
import { webcrypto, type KeyObject } from 'node:crypto';

export type Keyring = (algorithm: string) => Promise<webcrypto.CryptoKey> | KeyObject;

/** RFC 7518 3.2. */
const HASHES: Readonly<Record<string, string>> = { HS256: 'SHA-256', HS384: 'SHA-384', HS512: 'SHA-512' };

/** Asked only for algorithms that were accepted before. Public keys are given as they are: jose keeps them itself. */
export function createKeyring(key: KeyObject): Keyring {
  const imported = new Map<string, Promise<webcrypto.CryptoKey>>();
  return (algorithm) => {
    const hash = HASHES[algorithm];
    if (key.type !== 'secret' || hash === undefined) return key;
    const known = imported.get(algorithm);
    if (known) return known;
    const made = webcrypto.subtle.importKey('raw', key.export(), { name: 'HMAC', hash }, false, ['verify']);
    imported.set(algorithm, made);
    return made;
  };
}
