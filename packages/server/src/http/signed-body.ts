/** Whether a body is the one that was signed, by its hash, all at once or as it comes. */
import { createHash } from 'node:crypto';
import { HttpFault, rowFault } from './fault.ts';

export interface SignedBody {
  readonly add: (bytes: Buffer) => void;
  /** @throws HttpFault when what was added is another body. */
  check(): void;
}

/** `sha256` in hexadecimal; undefined when any body will do, so that there is nothing to check. */
export function signedBody(sha256: string | undefined): SignedBody | undefined {
  if (sha256 === undefined) return undefined;
  const hash = createHash('sha256');
  return {
    add: (bytes) => void hash.update(bytes),
    check() {
      if (hash.digest('hex') !== sha256) throw notSigned('another body than the signed one');
    },
  };
}

/** `why` is for the log. */
export const notSigned = (why: string): HttpFault => new HttpFault(rowFault('AuthInvalid', why));
