/** How a server signs its requests: the headers, and the text that is signed. Made for backends; a page cannot keep a secret. */

export const SIGNING_HEADERS = {
  key: 'x-voxproxy-key',
  timestamp: 'x-voxproxy-timestamp',
  nonce: 'x-voxproxy-nonce',
  bodySha256: 'x-voxproxy-body-sha256',
  signature: 'x-voxproxy-signature',
} as const;

/** The first line of what is signed: a signature of another version never fits. */
export const SIGNING_VERSION = 'VOXPROXY-HMAC-SHA256-1';

export interface SignedParts {
  /** In capitals. */
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  /** Whole seconds since the epoch. */
  readonly timestamp: string;
  /** 16 to 64 letters, digits, underscores and hyphens; never used twice. */
  readonly nonce: string;
  /** Of the body's bytes, in lower-case hexadecimal; of nothing where there is no body. */
  readonly bodySha256: string;
}

/** Signed by HMAC-SHA256 and sent in lower-case hexadecimal. No part can contain a line break. */
export function toStringToSign({ method, target, timestamp, nonce, bodySha256 }: SignedParts): string {
  return [SIGNING_VERSION, method, target, timestamp, nonce, bodySha256].join('\n');
}
