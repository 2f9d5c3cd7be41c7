/** Requests that a backend has signed: method, path, query, time and body are those that it meant, and once only. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { SIGNING_HEADERS, toStringToSign } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import type { AuthOutcome, Authenticator, AuthRequest } from './authenticator.ts';
import { NonceStore } from './nonce-store.ts';

export interface HmacOptions {
  /** Secrets by the id of their key, which becomes the principal's id; at least 32 bytes each. Several let one be replaced. */
  secrets: Readonly<Record<string, string | undefined>>;
  /** How far a time stamp may be from the server's clock, either way. Default 60 000 ms, at most 900 000. Beyond: `AuthExpired`. */
  windowMs?: number | undefined;
  /**
   * Signatures that are remembered within the window, so that none is used twice (replay). Default 100 000, at most ten million. Where
   * there are more, `AuthUnavailable` refuses them. Each process remembers its own.
   */
  maxNonces?: number | undefined;
}

const MIN_SECRET_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;
const SECONDS = /^\d{1,12}$/;
const NONCE = /^[A-Za-z0-9_-]{16,64}$/;
const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Authenticates by a signature over the whole request; PROTOCOL.md says what is signed.
 * @throws ConfigError when there is no secret, one is weak, or another option cannot work.
 */
export function hmac(options: HmacOptions): Authenticator {
  const secrets = toSecrets(options.secrets);
  const windowMs = inRange('windowMs', options.windowMs ?? 60_000, 900_000);
  const nonces = new NonceStore(inRange('maxNonces', options.maxNonces ?? 100_000, 10_000_000));
  const judge = (signed: Signed, nowMs: number): AuthOutcome => {
    const secret = secrets.get(signed.key);
    if (secret === undefined) return invalid('unknown key');
    if (!isSignatureOf(signed, secret)) return invalid('signature');
    const atMs = Number(signed.timestamp) * 1000;
    if (Math.abs(nowMs - atMs) > windowMs)
      return { refusal: 'AuthExpired', why: 'time stamp out of the window' };
    // Only what was signed is remembered, so that strangers cannot fill the store.
    const use = nonces.use(`${signed.key} ${signed.nonce}`, atMs + windowMs + 1, nowMs);
    if (use === 'used') return invalid('nonce used before');
    if (use === 'full') return { refusal: 'AuthUnavailable', why: 'too many nonces in the window' };
    return { principal: { id: signed.key }, bodySha256: signed.bodySha256 };
  };
  return {
    title: 'hmac (signed requests)',
    readsToken: false,
    authenticate(_token, nowMs, request): Promise<AuthOutcome> {
      const signed = readSigned(request);
      return Promise.resolve('refusal' in signed ? signed : judge(signed, nowMs));
    },
  };
}

interface Signed {
  readonly key: string;
  readonly method: string;
  readonly target: string;
  readonly timestamp: string;
  readonly nonce: string;
  readonly bodySha256: string;
  readonly signature: string;
}

function readSigned(request: AuthRequest | undefined): Signed | Extract<AuthOutcome, { refusal: unknown }> {
  const header = (name: keyof typeof SIGNING_HEADERS): string => request?.header(SIGNING_HEADERS[name]) ?? '';
  const signed: Signed = {
    key: header('key'),
    method: request?.method ?? '',
    target: request?.target ?? '',
    timestamp: header('timestamp'),
    nonce: header('nonce'),
    bodySha256: header('bodySha256'),
    signature: header('signature'),
  };
  if (signed.signature === '') return { refusal: 'AuthRequired', why: 'no signature' };
  const isWhole =
    SECONDS.test(signed.timestamp) &&
    NONCE.test(signed.nonce) &&
    SHA256.test(signed.bodySha256) &&
    SHA256.test(signed.signature);
  return isWhole ? signed : invalid('malformed signature headers');
}

function isSignatureOf(signed: Signed, secret: string): boolean {
  const expected = createHmac('sha256', secret).update(toStringToSign(signed)).digest();
  // Both are 32 bytes: the form was checked before.
  return timingSafeEqual(Buffer.from(signed.signature, 'hex'), expected);
}

function invalid(why: string): { readonly refusal: 'AuthInvalid'; readonly why: string } {
  return { refusal: 'AuthInvalid', why };
}

function toSecrets(secrets: HmacOptions['secrets']): ReadonlyMap<string, string> {
  const entries = Object.entries(secrets ?? {});
  if (entries.length === 0)
    throw new ConfigError(
      'hmac().secrets',
      "is empty. Write it like { 'backend-1': process.env.HMAC_SECRET }.",
    );
  return new Map(entries.map(([id, secret]) => [id, checkSecret(id, secret)]));
}

function checkSecret(id: string, secret: string | undefined): string {
  const option = `hmac().secrets.${id}`;
  if (!KEY_ID.test(id))
    throw new ConfigError(option, 'is not an id. Use letters, digits, dots, underscores, hyphens.');
  if (secret === undefined || secret === '')
    throw new ConfigError(option, 'is missing. Pass the secret of this key.');
  const bytes = Buffer.byteLength(secret);
  if (bytes >= MIN_SECRET_BYTES) return secret;
  throw new ConfigError(
    option,
    `has ${bytes} bytes; fewer than ${MIN_SECRET_BYTES} can be guessed. Make a longer one.`,
  );
}

function inRange(name: keyof HmacOptions, value: number, most: number): number {
  if (typeof value === 'number' && value >= 1 && value <= most) return value;
  throw new ConfigError(`hmac().${name}`, `is not a number from 1 to ${most}.`);
}
