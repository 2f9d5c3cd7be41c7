/** What was used once and must not be used again until it has expired; so many at most. */

export class NonceStore {
  readonly #most: number;
  /** When each expires, by nonce, in the order of their use. */
  readonly #expiries = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** `used` for one that is known, `full` when there is no room to remember it, which must not count as new. */
  use(nonce: string, expiresAtMs: number, nowMs: number): 'new' | 'used' | 'full' {
    const known = this.#expiries.get(nonce);
    if (known !== undefined && known > nowMs) return 'used';
    if (this.#expiries.size >= this.#most) this.#forgetExpired(nowMs);
    if (this.#expiries.size >= this.#most) return 'full';
    this.#expiries.set(nonce, expiresAtMs);
    return 'new';
  }

  #forgetExpired(nowMs: number): void {
    for (const [nonce, expiresAtMs] of this.#expiries) if (expiresAtMs <= nowMs) this.#expiries.delete(nonce);
  }
}
