/** Finds the session that a returning client means. Ids cannot be guessed, and each is replaced when it is used. */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Reset } from '../contract/index.ts';
import type { Leg } from '../leg/leg.ts';

const ID_BYTES = 18;

/** For whom a session runs and where: a resume must come from the same user at the same path. */
export interface Owner {
  readonly principal: string;
  readonly path: string;
}

export interface Returnable {
  readonly owner: Owner;
  /** Whether a client that has this many messages can go on without loss. */
  canReturn(received: number): boolean;
  /** Gives the session the client's new leg; `endsAtMs` is when its credential ends it, undefined when it does not. */
  comeBack(leg: Leg, received: number, endsAtMs?: number): void;
  /** What a client is told that asked with this id and cannot go on; ends the session if it is the one it belongs to. */
  refuse(id: string, received: number): Reset;
  /** Retires the ids that the client, as it has shown, has newer ones for. */
  retireOldIds(): void;
}

export class ResumeTable {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Returnable>();
  readonly #cancels = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#byId.size;
  }

  /** A fresh id for a session; it may have several until they are retired. */
  issue(session: Returnable): string {
    const id = randomBytes(ID_BYTES).toString('base64url');
    this.#byId.set(id, session);
    return id;
  }

  retire(ids: readonly string[]): void {
    for (const id of ids) this.#byId.delete(id);
  }

  /** Keeps the ids of a session that is over for a while, for a client that comes back to ask what was lost. */
  retireLater(ids: readonly string[], ms: number): void {
    if (ids.length === 0) return;
    const cancel = this.#clock.after(ms, () => {
      this.#cancels.delete(cancel);
      this.retire(ids);
    });
    this.#cancels.add(cancel);
  }

  /** The session of this id if it is this owner's; another's is as unknown as one that never was. */
  find(id: string, owner: Owner): Returnable | undefined {
    this.#byId.get(id)?.retireOldIds();
    const session = this.#byId.get(id);
    const isTheirs = session?.owner.principal === owner.principal && session.owner.path === owner.path;
    return isTheirs ? session : undefined;
  }

  /** Forgets all sessions. */
  close(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
    this.#byId.clear();
  }
}
