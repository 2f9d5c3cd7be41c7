/** A client that comes back: which session it means, and what it is told when that cannot go on. */
import type { Reset } from '../contract/index.ts';
import type { SessionLog } from '../observability/session-log.ts';
import type { ReplayPool } from '../relay/replay-buffer.ts';
import type { Admitted } from './admit.ts';
import type { ResumablePlan, ResumeLimits } from './resumable.ts';
import type { Owner, ResumeTable, Returnable } from './resume-table.ts';
import type { Visit } from './visit.ts';

export interface ResumeParts {
  readonly limits: ResumeLimits;
  readonly table: ResumeTable;
  readonly pool: ReplayPool;
}

export interface Returning {
  readonly session: Returnable;
  /** Messages that the client has. */
  readonly received: number;
}

/** The session to go on with, or why not; undefined when the client asks for none. */
export function findReturning(
  { table }: ResumeParts,
  visit: Visit,
  owner: Owner,
): Returning | { readonly reset: Reset } | undefined {
  const asked = visit.session?.resume;
  if (!asked) return undefined;
  const session = table.find(asked.id, owner);
  if (!session) return { reset: { cause: 'unknown' } };
  if (session.canReturn(asked.received)) return { session, received: asked.received };
  return { reset: session.refuse(asked.id, asked.received) };
}

export function ownerOf(visit: Visit, { principal }: Admitted): Owner {
  return { principal: principal.id, path: visit.upgrade.path };
}

export function toResumablePlan(
  parts: ResumeParts & { readonly log: SessionLog; readonly reset: Reset | undefined },
  visit: Visit,
  admitted: Admitted,
): ResumablePlan {
  const { limits, table, pool, log, reset } = parts;
  const { id, route } = visit;
  return {
    owner: ownerOf(visit, admitted),
    limits,
    table,
    pool,
    keepalive: route.preset.endpoints[admitted.target.service]?.facts.keepalive,
    reset,
    onHeld: () => log.held(id),
    onResumed: () => log.resumed(id),
  };
}
