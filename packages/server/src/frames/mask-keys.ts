/** Keys for frames that go to an upstream: unpredictable, and a fresh one for each frame (RFC 6455 5.3). */
import { randomFillSync } from 'node:crypto';

const KEY_BYTES = 4;
const POOL_BYTES = 4_096;

export type NextKey = () => Buffer;

/** Draws from a pool, since asking the system for four bytes at a time costs more than the frame. */
export function createMaskKeys(): NextKey {
  let pool = Buffer.alloc(0);
  let at = 0;
  return () => {
    if (at >= pool.length) {
      // A new one: the keys handed out are views of the old.
      pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
      at = 0;
    }
    at += KEY_BYTES;
    return pool.subarray(at - KEY_BYTES, at);
  };
}
