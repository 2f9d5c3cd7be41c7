/** Signs a request by hand; shares no code with what verifies it. */
import { createHash, createHmac, randomUUID } from 'node:crypto';

export const HMAC_SECRET = 'an-hmac-secret-of-tests-that-is-long-enough';

export interface SigningShape {
  readonly method?: string;
  readonly target: string;
  readonly body?: string | Buffer;
  readonly nowMs: number;
  readonly key?: string;
  readonly nonce?: string;
  readonly secret?: string;
}

export function signedHeaders(shape: SigningShape): Record<string, string> {
  const { method = 'POST', target, body = '', key = 'backend-1', secret = HMAC_SECRET, nowMs } = shape;
  const nonce = shape.nonce ?? randomUUID();
  const seconds = String(Math.floor(nowMs / 1000));
  const hash = createHash('sha256').update(body).digest('hex');
  const text = `VOXPROXY-HMAC-SHA256-1\n${method}\n${target}\n${seconds}\n${nonce}\n${hash}`;
  return {
    'X-Voxproxy-Key': key,
    'X-Voxproxy-Timestamp': seconds,
    'X-Voxproxy-Nonce': nonce,
    'X-Voxproxy-Body-Sha256': hash,
    'X-Voxproxy-Signature': createHmac('sha256', secret).update(text).digest('hex'),
  };
}
