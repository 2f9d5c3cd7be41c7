/**
 * The way of one upgrade into a session: read, admit, dial while the client's handshake is held, accept, join. Refuses
 * on the way what must be refused.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import type { Leg } from '../leg/leg.ts';
import type { SessionLog } from '../observability/session-log.ts';
import { describeCause } from '../relay/end-cause.ts';
import type { Dial } from '../upstream/dial.ts';
import { toClientReason } from '../upstream/foreign-reason.ts';
import type { Route } from '../upstream/route.ts';
import type { Accept } from './accept.ts';
import { admit, type Admission, type Admitted, type Refused } from './admit.ts';
import { waitFor } from './deadline-promise.ts';
import { holdSocket, type HeldSocket } from './held-socket.ts';
import { refuseOverHttp } from './http-refusal.ts';
import type { Registry } from './registry.ts';
import { CLIENT_LEFT, createSession, type Session, type SessionLimits } from './session.ts';
import type { Refuser } from './told-refusal.ts';
import { isRefusal, readUpgrade, type UpgradeRequest } from './upgrade.ts';

export interface EntranceLimits extends SessionLimits {
  /** Bytes a client may send before its session is open. */
  readonly earlyBytes: number;
  /** Time for the application to check a token, in milliseconds. */
  readonly authMs: number;
}

export interface EntranceParts {
  readonly clock: Clock;
  readonly admission: Admission;
  readonly limits: EntranceLimits;
  /** Whether sessions end when their token does. */
  readonly endAtExpiry: boolean;
  readonly registry: Registry;
  readonly refuser: Refuser;
  readonly dial: Dial;
  readonly accept: Accept;
  readonly log: SessionLog;
}

export type Entrance = (route: Route, request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** One upgrade on its way in. */
interface Visit {
  readonly id: string;
  readonly route: Route;
  readonly request: IncomingMessage;
  readonly upgrade: UpgradeRequest;
  readonly held: HeldSocket;
}

export function createEntrance(parts: EntranceParts): Entrance {
  return (route, request, socket, head) => {
    const held = holdSocket(socket, head, parts.limits.earlyBytes);
    const upgrade = readUpgrade(request);
    if (isRefusal(upgrade)) {
      held.release();
      refuseOverHttp(socket, upgrade, parts.clock);
      return;
    }
    const visit: Visit = { id: randomUUID(), route, request, upgrade, held };
    enter(parts, visit).catch((error: unknown) => {
      parts.log.failed(visit.id, error);
      turnAway(parts, visit, { name: 'Internal', why: 'bug', style: 'close', echo: undefined });
    });
  };
}

async function enter(parts: EntranceParts, visit: Visit): Promise<void> {
  if (parts.registry.isDraining) {
    turnAway(parts, visit, {
      name: 'Draining',
      why: 'draining',
      style: 'close',
      echo: visit.upgrade.subprotocols[0],
    });
    return;
  }
  const verdict = await judge(parts, visit);
  if (visit.held.isOverBudget)
    turnAway(parts, visit, { name: 'TooLarge', why: 'early bytes', style: 'close', echo: undefined });
  else if (visit.held.signal.aborted) leave(parts, visit);
  else if ('refused' in verdict) turnAway(parts, visit, verdict.refused);
  else await connect(parts, visit, verdict.admitted);
}

/** Admission with a time limit; a check that fails, or hangs, refuses the client and is logged. */
async function judge(parts: EntranceParts, visit: Visit): ReturnType<typeof admit> {
  const { clock, limits, admission } = parts;
  const waited = await waitFor(
    admit(admission, visit.route, visit.upgrade),
    clock,
    limits.authMs,
    visit.held.signal,
  );
  if ('value' in waited) return waited.value;
  if (waited.failed === 'rejected') parts.log.failed(visit.id, waited.cause);
  return {
    refused: {
      name: 'AuthUnavailable',
      why: waited.failed,
      style: 'close',
      echo: visit.upgrade.subprotocols[0],
    },
  };
}

async function connect(parts: EntranceParts, visit: Visit, admitted: Admitted): Promise<void> {
  const session = startSession(parts, visit, admitted);
  const onGone = (): void =>
    session.end(visit.held.isOverBudget ? { by: 'proxy', name: 'TooLarge' } : CLIENT_LEFT);
  visit.held.signal.addEventListener('abort', onGone);
  try {
    const upstream = await parts.dial(visit.route, admitted.target, session.signal);
    joinLegs(parts, visit, { session, upstream, echo: admitted.echo });
  } catch (error) {
    endUndialled(session, error);
    if (session.cause?.by !== 'proxy') leave(parts, visit);
    else
      turnAway(parts, visit, {
        why: messageOf(error),
        ...session.cause,
        style: admitted.style,
        echo: admitted.echo,
      });
  } finally {
    visit.held.signal.removeEventListener('abort', onGone);
  }
}

/** A session that ended while it was dialled keeps its own cause; otherwise the dial's failure is the cause. */
function endUndialled(session: Session, error: unknown): void {
  const failure = error instanceof ProxyError ? error : new ProxyError('Internal', 'bug', { cause: error });
  const wait = failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs };
  session.end({ by: 'proxy', name: failure.closeName, ...wait });
}

function joinLegs(
  parts: EntranceParts,
  visit: Visit,
  { session, upstream, echo }: { session: Session; upstream: Leg; echo: string | undefined },
): void {
  const { request, held, route } = visit;
  const { maxMessageBytes } = route.preset.limits;
  const isHere = !held.signal.aborted && !session.signal.aborted;
  const head = isHere ? held.release() : Buffer.alloc(0);
  const client = isHere
    ? parts.accept({ request, socket: held.socket, head, echo, maxMessageBytes })
    : undefined;
  if (client) {
    session.open({ client, upstream });
    return;
  }
  upstream.terminate();
  throw new ProxyError('Internal', 'the client left while the upstream answered');
}

function startSession(parts: EntranceParts, visit: Visit, admitted: Admitted): Session {
  const { clock, limits, registry, log } = parts;
  const session = createSession(clock, {
    id: visit.id,
    dialect: visit.route.preset.dialect,
    limits,
    endsAtMs: parts.endAtExpiry ? admitted.principal.expiresAtMs : undefined,
    redact: (reason) => toClientReason(reason, visit.route.secret),
    onEnded: (ended, cause) => {
      registry.remove(ended);
      log.ended({ id: ended.id, ...describeCause(cause), ...ended.usage() });
    },
  });
  registry.add(session);
  log.started({
    id: visit.id,
    route: visit.upgrade.path,
    service: admitted.target.service,
    principal: admitted.principal.id,
  });
  return session;
}

/** The client has gone before it could be answered. */
function leave(parts: EntranceParts, { id, held, upgrade }: Visit): void {
  held.release();
  held.socket.destroy();
  parts.log.left({ id, route: upgrade.path });
}

function turnAway(parts: EntranceParts, visit: Visit, refused: Refused & { retryAfterMs?: number }): void {
  const { id, held, upgrade, route } = visit;
  held.release();
  parts.log.refused({ id, route: upgrade.path, name: refused.name, why: refused.why });
  parts.refuser.refuse(held.socket, {
    ...refused,
    dialect: route.preset.dialect,
    key: upgrade.key,
    sessionId: id,
  });
}

function messageOf(error: unknown): string {
  return error instanceof ProxyError ? error.message : 'bug';
}
