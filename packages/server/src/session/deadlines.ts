/** The moments that end a session: idle, longest, expiry, a stall, a lag, a silent client, a message that never ends. Each is undone by `stop`. */
import type { Clock } from '../clock.ts';
import type { CloseName } from '../contract/index.ts';

export interface DeadlineLimits {
  /** Longest time without a byte either way, in milliseconds. */
  readonly idleMs: number;
  /** Longest session, in milliseconds. */
  readonly longestMs: number;
  /** How often the client is pinged, in milliseconds; it is given up after two pings without a sign of life. */
  readonly pingMs: number;
  /** Longest time for which one leg may be paused because the other takes nothing, in milliseconds. */
  readonly stallMs: number;
  /** Longest time for which what came from the client may wait for its upstream, in milliseconds. */
  readonly lagMs: number;
  /** Longest time for one message of the client from its first fragment to its last, in milliseconds. */
  readonly messageMs: number;
}

type Side = 'client' | 'upstream';

export interface DeadlineSubject {
  /** Grows with everything that passes. */
  traffic(): number;
  /** Grows with everything that comes from the client. */
  clientSigns(): number;
  /** Bytes that came from the client. */
  fromClient(): number;
  /** True while nothing of the client is read, its pongs among it. */
  isClientUnread(): boolean;
  /** The number of the message in whose middle the client is; undefined between messages. */
  openMessage(): number | undefined;
  /** Bytes that a side has not taken. */
  backlog(side: Side): number;
  /** Pings the client; false when no ping can stand now. */
  pingClient(): boolean;
  /** When the credential runs out and the session must end, in milliseconds since the epoch. */
  readonly expiresAtMs: number | undefined;
  onDeadline(name: CloseName): void;
  onSilence(): void;
}

export interface Deadlines {
  stalled(side: Side, isStalled: boolean): void;
  /** The client has brought another credential, which runs out then. */
  expireAt(expiresAtMs: number | undefined): void;
  stop(): void;
}

/** The cancellation of the deadline of each side that stalls. */
type Stalls = Record<Side, (() => void) | undefined>;

const isStalling = ({ client, upstream }: Stalls): boolean => (client ?? upstream) !== undefined;

/** Idle time is looked at this many times per limit, so that it is kept to a quarter. */
const LOOKS = 4;

export function startDeadlines(clock: Clock, limits: DeadlineLimits, subject: DeadlineSubject): Deadlines {
  const stalls: Stalls = { client: undefined, upstream: undefined };
  const untilExpired = (atMs = Infinity): (() => void) =>
    clock.after(atMs - clock.now(), () => subject.onDeadline('AuthExpired'));
  let cancelExpiry = untilExpired(subject.expiresAtMs);
  const cancels = [
    clock.after(limits.longestMs, () => subject.onDeadline('SessionLimit')),
    watchIdle(clock, limits.idleMs, subject),
    watchSilence(clock, limits.pingMs, subject, () => isStalling(stalls) || subject.isClientUnread()),
    watchMessage(clock, limits.messageMs, subject),
    watchLag(clock, limits.lagMs, subject),
  ];
  let isStopped = false;
  return {
    stalled(side, isStalled) {
      stalls[side]?.();
      stalls[side] = isStalled && !isStopped ? watchStall(clock, limits.stallMs, subject, side) : undefined;
    },
    expireAt(expiresAtMs) {
      cancelExpiry();
      if (!isStopped) cancelExpiry = untilExpired(expiresAtMs);
    },
    stop() {
      isStopped = true;
      cancelExpiry();
      for (const cancel of [...cancels, ...Object.values(stalls)]) cancel?.();
    },
  };
}

/** Whoever still takes something is slow, not stalled. */
function watchStall(clock: Clock, stallMs: number, subject: DeadlineSubject, side: Side): () => void {
  let seen = subject.backlog(side);
  return clock.every(stallMs, () => {
    const backlog = subject.backlog(side);
    if (backlog >= seen) subject.onDeadline('Stalled');
    seen = backlog;
  });
}

/**
 * Ends a session whose upstream has not yet taken what came from the client so long ago: it reads, but too slowly for talk. Only looks
 * between which something waited all the while count, so that what has just come is not taken for old.
 */
function watchLag(clock: Clock, lagMs: number, subject: DeadlineSubject): () => void {
  let earlier: number[] = [];
  return clock.every(lagMs / LOOKS, () => {
    const came = subject.fromClient();
    const waiting = subject.backlog('upstream');
    if (waiting === 0) {
      earlier = [];
      return;
    }
    const cameBefore = earlier.length === LOOKS ? (earlier.shift() ?? 0) : 0;
    if (came - waiting < cameBefore) subject.onDeadline('Stalled');
    earlier.push(came);
  });
}

function watchIdle(clock: Clock, idleMs: number, subject: DeadlineSubject): () => void {
  let seen = -1;
  let looks = 0;
  return clock.every(idleMs / LOOKS, () => {
    const traffic = subject.traffic();
    looks = traffic === seen ? looks + 1 : 0;
    seen = traffic;
    if (looks >= LOOKS) subject.onDeadline('IdleTimeout');
  });
}

/** A message that never ends costs a session that is never idle. */
function watchMessage(clock: Clock, messageMs: number, subject: DeadlineSubject): () => void {
  let seen: number | undefined;
  let looks = 0;
  return clock.every(messageMs / LOOKS, () => {
    const open = subject.openMessage();
    looks = open !== undefined && open === seen ? looks + 1 : 0;
    seen = open;
    if (looks >= LOOKS) subject.onDeadline('PolicyViolation');
  });
}

/** Who is not read cannot show that it lives; what it waits for has a deadline of its own. */
function watchSilence(
  clock: Clock,
  pingMs: number,
  subject: DeadlineSubject,
  isExcused: () => boolean,
): () => void {
  let seen = -1;
  let missed = 0;
  let isAsked = false;
  return clock.every(pingMs, () => {
    const signs = subject.clientSigns();
    if (signs !== seen || isExcused()) missed = 0;
    // A ping that could not be sent was not missed.
    else if (isAsked) missed += 1;
    seen = signs;
    if (missed >= 2) subject.onSilence();
    else isAsked = subject.pingClient();
  });
}
