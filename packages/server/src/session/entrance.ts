/** Where upgrades come in: held, read and admitted within a time limit; whoever passes is connected. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ProxyError } from '../errors.ts';
import type { Route } from '../upstream/route.ts';
import { admit, refuseStranger, type Admission, type Refused, type Verdict } from './admit.ts';
import { connect, type ConnectParts } from './connect.ts';
import type { AwaitCredential } from './deferred-auth.ts';
import { waitFor } from './wait-for.ts';
import { holdSocket } from './held-socket.ts';
import { refuseOverHttp } from './http-refusal.ts';
import type { SessionLimits } from './session.ts';
import { isRefusal, readUpgrade } from './upgrade.ts';
import { awaitsCredential, createVisit, seeOff, turnAway, type Visit } from './visit.ts';

export interface EntranceLimits extends SessionLimits {
  /** Bytes a client may send before its session is open. */
  readonly earlyBytes: number;
  /** Time for the application to check a token, in milliseconds. */
  readonly authMs: number;
}

export interface EntranceParts extends ConnectParts {
  readonly admission: Admission;
  readonly limits: EntranceLimits;
  /** For clients whose credential comes in a message. */
  readonly awaitCredential: AwaitCredential;
}

export type Entrance = (route: Route, request: IncomingMessage, socket: Duplex, head: Buffer) => void;

export function createEntrance(parts: EntranceParts): Entrance {
  return (route, request, socket, head) => {
    const held = holdSocket(socket, head, parts.limits.earlyBytes);
    const upgrade = readUpgrade(request);
    if (isRefusal(upgrade)) {
      held.release();
      refuseOverHttp(socket, upgrade, parts.clock);
      return;
    }
    const visit = createVisit({ route, request, upgrade, held });
    const entered = awaitsCredential(visit, parts.admission.auth)
      ? enterLater(parts, visit)
      : enter(parts, visit);
    entered.catch((error: unknown) => {
      parts.log.failed(visit.id, error);
      socket.destroy();
    });
  };
}

/** Deferred authentication: strangers are refused before the handshake, as if it were not deferred. */
async function enterLater(parts: EntranceParts, visit: Visit): Promise<void> {
  const stranger = refuseStranger(parts.admission, visit);
  if (stranger) return refuse(parts, visit, stranger);
  if (parts.registry.isDraining) return refuse(parts, visit, { name: 'Draining', why: 'draining' });
  const outcome = await parts.awaitCredential(visit);
  if (outcome === 'left') return parts.log.left({ id: visit.id, route: visit.upgrade.path });
  if (outcome === 'full')
    return refuse(parts, visit, { name: 'AuthUnavailable', why: 'too many wait' }, true);
  if ('refused' in outcome) return refuse(parts, outcome.visit, outcome.refused);
  return enter(parts, outcome.visit);
}

async function enter(parts: EntranceParts, visit: Visit): Promise<void> {
  const { held } = visit;
  const forget = parts.registry.onClose(held.abandon);
  const verdict = await judge(parts, visit).finally(forget);
  if (held.isOverBudget) return refuse(parts, visit, { name: 'TooLarge', why: 'too many early bytes' });
  // Asked after the wait, so that no session begins once draining has.
  if (parts.registry.isDraining) return refuse(parts, visit, { name: 'Draining', why: 'draining' });
  if (held.signal.aborted) return leave(parts, visit);
  if ('refused' in verdict) return refuse(parts, visit, verdict.refused);
  return connect(parts, visit, verdict.admitted);
}

function refuse(
  { log, refuser }: EntranceParts,
  visit: Visit,
  { name, why, said }: Refused,
  isOverHttp = false,
): void {
  log.refused({ id: visit.id, route: visit.upgrade.path, name, why });
  turnAway(refuser, visit, { name, isOverHttp, message: said });
}

function leave({ log }: EntranceParts, visit: Visit): void {
  log.left({ id: visit.id, route: visit.upgrade.path });
  seeOff(visit);
}

/** Admission with a time limit; a check that fails, or hangs, refuses the client and is logged. */
async function judge({ clock, limits, admission, log }: EntranceParts, visit: Visit): Promise<Verdict> {
  const waited = await waitFor(admit(admission, visit), clock, limits.authMs, visit.held.signal);
  if ('value' in waited) return waited.value;
  if (waited.failed !== 'rejected')
    return { refused: { name: 'AuthUnavailable', why: `authentication ${waited.failed}` } };
  const { cause } = waited;
  const isForeign = cause instanceof ProxyError;
  log.failed(visit.id, isForeign ? cause.cause : cause);
  return {
    refused: isForeign ? { name: cause.closeName, why: cause.message } : { name: 'Internal', why: 'bug' },
  };
}
