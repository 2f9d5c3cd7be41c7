/** A session over memory legs, and all that it told. */
import { MemoryLeg } from '../../src/leg/memory-leg.ts';
import type { LegClose } from '../../src/leg/leg.ts';
import type { EndCause } from '../../src/relay/end-cause.ts';
import { ReplayPool } from '../../src/relay/replay-buffer.ts';
import type { ResumablePlan } from '../../src/session/resumable.ts';
import { ResumeTable } from '../../src/session/resume-table.ts';
import { createSession, type Session, type SessionPlan } from '../../src/session/session.ts';
import { createTestClock } from './test-clock.ts';

/** Nothing ends a session but a stall; its legs have their time to close. */
export const LIMITS = {
  idleMs: Infinity,
  longestMs: Infinity,
  pingMs: Infinity,
  stallMs: 500,
  lagMs: Infinity,
  messageMs: Infinity,
  closeMs: 5_000,
};

/** How a leg ends that has vanished. */
export const GONE: LegClose = { code: 1006, reason: '' };

export const OWNER = { principal: 'alice', path: '/proxy' };
export const RESUME_LIMITS = { holdMs: 30_000, windowBytes: 1_000 };

export class SessionRig {
  readonly clock = createTestClock();
  readonly client = new MemoryLeg();
  readonly upstream = new MemoryLeg();
  readonly ends: EndCause[] = [];
  readonly failures: unknown[] = [];
  /** What session mode leaves in the log. */
  readonly log: string[] = [];
  readonly table = new ResumeTable(this.clock);
  readonly pool = new ReplayPool(1_000_000);

  create(more: Partial<SessionPlan> = {}): Session {
    return createSession(this.clock, {
      id: 'session-1',
      dialect: 'deepgram',
      limits: LIMITS,
      endsAtMs: undefined,
      redact: (reason) => `clean(${reason})`,
      onFailed: (error) => this.failures.push(error),
      onEnded: (_, cause) => this.ends.push(cause),
      ...more,
    });
  }

  open(more: Partial<SessionPlan> = {}): Session {
    const session = this.create(more);
    session.open({ client: this.client, upstream: this.upstream });
    return session;
  }

  /** What makes of a session one whose client may come back. */
  get resumable(): ResumablePlan {
    return {
      owner: OWNER,
      limits: RESUME_LIMITS,
      table: this.table,
      pool: this.pool,
      keepalive: undefined,
      reset: undefined,
      onHeld: () => this.log.push('held'),
      onResumed: () => this.log.push('resumed'),
    };
  }
}

export const textsTo = (leg: MemoryLeg): string[] => leg.sent.map(({ payload }) => payload.toString());
