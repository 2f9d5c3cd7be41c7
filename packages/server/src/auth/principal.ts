/** For whom a session runs. */

export interface Principal {
  /** Stable id of the user; limits and usage are kept by it. */
  readonly id: string;
  /** Name for people, when the token tells one. */
  readonly name?: string;
  /** When the proof runs out, in milliseconds since the epoch; absent when it does not. */
  readonly expiresAtMs?: number;
  /** True when nobody proved anything, so that all callers share the id; limits are then kept by address. */
  readonly isAnonymous?: true;
}

/** Of whoever was let in without proof. */
export const ANONYMOUS: Principal = { id: 'anonymous', isAnonymous: true };
