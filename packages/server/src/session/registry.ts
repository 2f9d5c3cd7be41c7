/** The live sessions of this process, from admission to end; drains them on shutdown. */
import type { Clock } from '../clock.ts';
import type { Session } from './session.ts';

export interface Registry {
  readonly size: number;
  /** True once draining has begun: new upgrades are refused. */
  readonly isDraining: boolean;
  add(session: Session): void;
  remove(session: Session): void;
  /**
   * Lets running sessions end by themselves for `graceMs`, then closes the rest with `Draining`. Resolves when none is
   * left. A later call may only shorten the grace.
   */
  drain(graceMs: number): Promise<void>;
  /** Runs `stop` when `close` is called, or now if it was, for what is not a session yet. Returns how to forget it. */
  onClose(stop: () => void): () => void;
  /** Closes all sessions with `Draining` at once; resolves when none is left. */
  close(): Promise<void>;
}

export function createRegistry(clock: Clock): Registry {
  const sessions = new Set<Session>();
  const cancels: (() => void)[] = [];
  const closing = createClosing();
  const idle = signalWhenEmpty(sessions);
  let isDraining = false;
  const endAll = (): void => {
    for (const session of sessions) session.end({ by: 'proxy', name: 'Draining' });
  };
  const drain = (graceMs: number): Promise<void> => {
    isDraining = true;
    if (sessions.size > 0) cancels.push(clock.after(graceMs, endAll));
    return idle.wait();
  };
  return {
    get size() {
      return sessions.size;
    },
    get isDraining() {
      return isDraining;
    },
    add: (session) => sessions.add(session),
    remove(session) {
      sessions.delete(session);
      if (sessions.size > 0) return;
      for (const cancel of cancels.splice(0)) cancel();
      idle.tell();
    },
    drain,
    onClose: closing.add,
    close() {
      const done = drain(Infinity);
      closing.begin();
      endAll();
      return done;
    },
  };
}

/** Promises that resolve when a set has become empty. */
function signalWhenEmpty(set: ReadonlySet<unknown>): { wait(): Promise<void>; tell(): void } {
  const waiting: (() => void)[] = [];
  return {
    wait: () => (set.size === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
    tell: () => {
      for (const resolve of waiting.splice(0)) resolve();
    },
  };
}

/** Stops what is under way when closing begins, and what comes later at once. */
function createClosing(): { add(stop: () => void): () => void; begin(): void } {
  const stops = new Set<() => void>();
  let hasBegun = false;
  return {
    add(stop) {
      if (hasBegun) stop();
      stops.add(stop);
      return () => void stops.delete(stop);
    },
    begin() {
      hasBegun = true;
      for (const stop of stops) stop();
    },
  };
}
