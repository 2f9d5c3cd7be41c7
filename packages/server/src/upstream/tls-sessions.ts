/** The last TLS session of each upstream, so that the next connection resumes it: a shorter handshake, no certificate check. */

/** Upstreams are few: the operator's own. */
const MOST_KEPT = 256;

/**
 * Keyed by the name that the certificate was checked for, and the port. A resumed session is not checked again, so one
 * store serves connections of the same trust only.
 */
export class TlsSessions {
  readonly #byServer = new Map<string, Buffer>();
  readonly #mostKept: number;

  constructor(mostKept = MOST_KEPT) {
    this.#mostKept = mostKept;
  }

  get(server: string): Buffer | undefined {
    return this.#byServer.get(server);
  }

  /** Forgets the server longest without a new session when there are too many. */
  remember(server: string, session: Buffer): void {
    this.#byServer.delete(server);
    this.#byServer.set(server, session);
    if (this.#byServer.size <= this.#mostKept) return;
    const [oldest] = this.#byServer.keys();
    if (oldest !== undefined) this.#byServer.delete(oldest);
  }

  /** For a handshake that failed: it may have failed because of the session. */
  forget(server: string): void {
    this.#byServer.delete(server);
  }
}
