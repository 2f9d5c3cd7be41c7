/** Turns the key options of `jwt()` into a key, and refuses those with which tokens could be forged. */
import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { ConfigError } from '../errors.ts';

export type HmacAlgorithm = 'HS256' | 'HS384' | 'HS512';
export type PublicKeyAlgorithm = 'RS256' | 'PS256' | 'ES256' | 'ES384' | 'EdDSA';
export type JwtAlgorithm = HmacAlgorithm | PublicKeyAlgorithm;

export interface JwtKeyOptions {
  secret?: string | undefined;
  publicKey?: string | undefined;
  allowWeakSecret?: boolean | undefined;
  algorithms: readonly JwtAlgorithm[];
}

/** RFC 7518 3.2: an HMAC key is at least as long as the hash output; this is SHA-256's. */
const MIN_SECRET_BYTES = 32;
const MIN_RSA_BITS = 2048;
/** The kinds of public key that an algorithm verifies with (RFC 7518 3.1, RFC 8037 3.1). */
const FITTING_KEYS: Readonly<Record<string, readonly string[]>> = {
  RS256: ['rsa'],
  PS256: ['rsa'],
  ES256: ['ec prime256v1'],
  ES384: ['ec secp384r1'],
  EdDSA: ['ed25519'],
};
const ALGORITHMS = ['HS256', 'HS384', 'HS512', ...Object.keys(FITTING_KEYS)];
const PEM = /-----BEGIN [A-Z ]+-----/;
const NEW_SECRET = 'Make one with: node -e "console.log(crypto.randomBytes(32).toString(\'base64url\'))"';

/** @throws ConfigError when there is not exactly one key, it is weak, or it does not fit the algorithms. */
export function toJwtKey(options: JwtKeyOptions): KeyObject {
  checkAlgorithms(options.algorithms);
  if (options.secret !== undefined && options.publicKey !== undefined) {
    throw new ConfigError('jwt()', 'has both secret and publicKey. Give the one that your algorithm needs.');
  }
  const isHmac = options.algorithms[0]?.startsWith('HS') ?? false;
  return isHmac ? hmacKey(options) : publicKey(options);
}

function checkAlgorithms(algorithms: unknown): void {
  if (!Array.isArray(algorithms) || algorithms.length === 0) {
    throw new ConfigError(
      'jwt().algorithms',
      "is missing. Name the algorithm your tokens are signed with, e.g. ['HS256'].",
    );
  }
  const unknown = algorithms.findIndex((name) => !ALGORITHMS.includes(name));
  if (unknown >= 0) {
    throw new ConfigError(
      'jwt().algorithms',
      `has ${JSON.stringify(algorithms[unknown])}; known are ${ALGORITHMS.join(', ')}.`,
    );
  }
  if (new Set(algorithms.map((name: string) => name.startsWith('HS'))).size > 1) {
    throw new ConfigError(
      'jwt().algorithms',
      'mixes HMAC and public-key algorithms, which lets a public key pass as a secret. Name one kind.',
    );
  }
}

function hmacKey({ secret, allowWeakSecret }: JwtKeyOptions): KeyObject {
  if (typeof secret !== 'string' || secret === '') {
    throw new ConfigError('jwt().secret', `is missing. Pass your signing secret. ${NEW_SECRET}`);
  }
  if (PEM.test(secret)) {
    throw new ConfigError(
      'jwt().secret',
      'is a PEM text. A public key used as an HMAC secret lets anybody forge tokens; use publicKey with RS256 or ES256.',
    );
  }
  const bytes = Buffer.byteLength(secret);
  if (bytes < MIN_SECRET_BYTES && allowWeakSecret !== true) {
    throw new ConfigError(
      'jwt().secret',
      `has ${bytes} bytes; fewer than ${MIN_SECRET_BYTES} can be guessed. ${NEW_SECRET} (allowWeakSecret: true accepts it.)`,
    );
  }
  return createSecretKey(Buffer.from(secret));
}

function publicKey({ publicKey: pem, algorithms }: JwtKeyOptions): KeyObject {
  if (typeof pem !== 'string' || pem === '') {
    throw new ConfigError(
      'jwt().publicKey',
      'is missing. Pass the PEM text of the public key (BEGIN PUBLIC KEY).',
    );
  }
  const key = parsePublicKey(pem);
  const unfit = algorithms.find((name) => !FITTING_KEYS[name]?.includes(kindOf(key)));
  if (unfit !== undefined) {
    throw new ConfigError(
      'jwt().publicKey',
      `is a key of kind ${kindOf(key)}, but ${unfit} needs one of ${FITTING_KEYS[unfit]?.join(' or ')}.`,
    );
  }
  const { modulusLength = MIN_RSA_BITS } = key.asymmetricKeyDetails ?? {};
  if (modulusLength < MIN_RSA_BITS) {
    throw new ConfigError(
      'jwt().publicKey',
      `has ${modulusLength} bits; RSA keys need ${MIN_RSA_BITS} (RFC 7518 3.3).`,
    );
  }
  return key;
}

/** Such as `rsa`, `ed25519`, or `ec` with its curve. */
function kindOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string {
  return [asymmetricKeyType, asymmetricKeyDetails?.namedCurve].filter(Boolean).join(' ');
}

function parsePublicKey(pem: string): KeyObject {
  try {
    if (pem.includes('PRIVATE KEY')) throw new Error('private');
    return createPublicKey(pem);
  } catch {
    throw new ConfigError('jwt().publicKey', 'is not the PEM text of a public key (BEGIN PUBLIC KEY).');
  }
}
