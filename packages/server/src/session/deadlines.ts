/** The moments that end a session: idle, longest, expiry, a stall, a silent client. Each is undone by `stop`. */
import type { Clock } from '../clock.ts';
import type { CloseName } from '../contract/index.ts';

export interface DeadlineLimits {
  /** Longest time without a frame either way, in milliseconds. */
  readonly idleMs: number;
  /** Longest session, in milliseconds. */
  readonly longestMs: number;
  /** How often the client is pinged, in milliseconds; it is given up after two pings without a sign of life. */
  readonly pingMs: number;
  /** Longest time for which one leg may be paused because the other is full, in milliseconds. */
  readonly stallMs: number;
}

export interface DeadlineSubject {
  /** Grows with every frame. */
  frames(): number;
  /** Grows with every frame and pong of the client. */
  clientSigns(): number;
  pingClient(): void;
  /** When the credential runs out and the session must end, in milliseconds since the epoch. */
  readonly expiresAtMs: number | undefined;
  onDeadline(name: CloseName): void;
  onSilence(): void;
}

export interface Deadlines {
  stalled(side: string, isStalled: boolean): void;
  stop(): void;
}

/** Idle time is looked at this many times per limit, so that it is kept to a quarter. */
const IDLE_LOOKS = 4;

export function startDeadlines(clock: Clock, limits: DeadlineLimits, subject: DeadlineSubject): Deadlines {
  const stalls = new Map<string, () => void>();
  const cancels = [
    clock.after(limits.longestMs, () => subject.onDeadline('SessionLimit')),
    watchIdle(clock, limits.idleMs, subject),
    watchSilence(clock, limits.pingMs, { ...subject, isPaused: () => stalls.size > 0 }),
    clock.after((subject.expiresAtMs ?? Infinity) - clock.now(), () => subject.onDeadline('AuthExpired')),
  ];
  return {
    stalled(side, isStalled) {
      stalls.get(side)?.();
      stalls.delete(side);
      if (isStalled)
        stalls.set(
          side,
          clock.after(limits.stallMs, () => subject.onDeadline('Stalled')),
        );
    },
    stop() {
      for (const cancel of [...cancels, ...stalls.values()]) cancel();
      stalls.clear();
    },
  };
}

function watchIdle(clock: Clock, idleMs: number, subject: DeadlineSubject): () => void {
  let seen = -1;
  let looks = 0;
  return clock.every(idleMs / IDLE_LOOKS, () => {
    const frames = subject.frames();
    looks = frames === seen ? looks + 1 : 0;
    seen = frames;
    if (looks >= IDLE_LOOKS) subject.onDeadline('IdleTimeout');
  });
}

/** A paused leg cannot show that it lives; it has the stall's deadline. */
function watchSilence(
  clock: Clock,
  pingMs: number,
  subject: DeadlineSubject & { isPaused(): boolean },
): () => void {
  let seen = -1;
  let missed = 0;
  return clock.every(pingMs, () => {
    const signs = subject.clientSigns();
    missed = signs === seen && !subject.isPaused() ? missed + 1 : 0;
    seen = signs;
    if (missed >= 2) subject.onSilence();
    else subject.pingClient();
  });
}
