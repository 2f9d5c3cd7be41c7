/**
 * From an admitted visit to a running session: dial while the client's handshake is held, accept, join the legs; or give a
 * session whose client was lost its new leg.
 */
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import type { Leg } from '../leg/leg.ts';
import type { SessionLog } from '../observability/session-log.ts';
import { describeCause, type EndCause } from '../relay/end-cause.ts';
import type { Dial } from '../upstream/dial.ts';
import type { Route } from '../upstream/route.ts';
import type { Confidential } from '../upstream/secret.ts';
import { toClientReason } from '../upstream/client-reason.ts';
import type { Accept } from './accept.ts';
import type { Admitted } from './admit.ts';
import type { Registry } from './registry.ts';
import type { Reset } from '../contract/index.ts';
import { createPolicing } from '../upstream/policy/policing.ts';
import type { CompiledPolicy } from '../upstream/policy/compile.ts';
import type { Ending } from './ending.ts';
import { createJudging, withEnding, withStrip, type Judging, type Policed } from './judging.ts';
import { findReturning, ownerOf, toResumablePlan, type ResumeParts, type Returning } from './returning.ts';
import { CLIENT_LEFT, createSession, type Session, type SessionLimits } from './session.ts';
import type { Refuser } from './told-refusal.ts';
import { toVendorPlan } from './vendor-plan.ts';
import { seeOff, turnAway, type Visit } from './visit.ts';

export interface ConnectParts {
  readonly clock: Clock;
  readonly limits: SessionLimits;
  /** Whether sessions end when their token does. */
  readonly endAtExpiry: boolean;
  readonly registry: Registry;
  readonly dial: Dial;
  readonly accept: Accept;
  readonly refuser: Refuser;
  readonly log: SessionLog;
  /** Session mode; undefined when it is off. */
  readonly resume: ResumeParts | undefined;
  /** Longest time for which a hook may judge a message, in milliseconds. */
  readonly hookMs: number;
  /** What is done to messages of the routes that have a policy. */
  readonly policies: ReadonlyMap<Route, CompiledPolicy>;
}

/** Never rejects: whatever fails ends the session and tells the client. */
export async function connect(parts: ConnectParts, visit: Visit, admitted: Admitted): Promise<void> {
  const found = parts.resume && findReturning(parts.resume, visit, ownerOf(visit, admitted));
  if (found && 'session' in found) return welcomeBack(parts, visit, admitted, found);
  const session = startSession(parts, visit, admitted, found?.reset);
  const onGone = (): void => session.end(causeOfLeaving(visit));
  visit.held.signal.addEventListener('abort', onGone);
  const dialled = await parts.dial(visit.route, admitted.target, session.signal).catch(toProxyError);
  visit.held.signal.removeEventListener('abort', onGone);
  const failure = dialled instanceof ProxyError ? dialled : joinLegs(parts, visit, session, dialled);
  if (!failure) return;
  // Only what nobody foresaw has a cause.
  if (failure.cause !== undefined) parts.log.failed(visit.id, failure.cause);
  session.end(causeOf(failure, admitted.target.token !== undefined));
  // A session that ended while it was dialled has kept its own cause.
  if (session.cause?.by !== 'proxy') seeOff(visit);
  else turnAway(parts.refuser, visit, session.cause);
}

function welcomeBack(
  parts: ConnectParts,
  visit: Visit,
  admitted: Admitted,
  { session, received }: Returning,
): void {
  const leg = acceptClient(parts, visit);
  if (leg && !(leg instanceof ProxyError)) session.comeBack(leg, received, endOf(parts, admitted));
  else visit.held.socket.destroy();
}

/** When its credential ends a session. */
function endOf({ endAtExpiry }: ConnectParts, { principal }: Admitted): number | undefined {
  return endAtExpiry ? principal.expiresAtMs : undefined;
}

function startSession(
  parts: ConnectParts,
  visit: Visit,
  admitted: Admitted,
  reset: Reset | undefined,
): Session {
  const { clock, registry, log, resume } = parts;
  const { principal, target } = admitted;
  // The session's functions must not hold the visit: it has the request, its headers and the token.
  const { id, route } = visit;
  const { keys, hidden } = route;
  const others = [hidden, target.token, ...(policyOf(parts, route)?.secrets ?? [])];
  const vendor = toVendorPlan(visit, target.service);
  const { ending } = vendor;
  const judging = judgingOf(parts, visit, target.url, ending);
  const session = createSession(clock, {
    id,
    dialect: route.preset.dialect,
    limits: limitsOf(parts, route),
    endsAtMs: endOf(parts, admitted),
    up: judging?.up,
    down: judging?.down,
    resumable: visit.session && resume && toResumablePlan({ ...resume, log, reset }, visit, admitted),
    vendor,
    redact: (reason) => redacted(reason, keys, others),
    onFailed: (error) => log.failed(id, error),
    onEnded: (ended, cause) => {
      judging?.stop();
      registry.remove(ended);
      const usage = ended.usage();
      const used = ending && { used: ending.used(usage.up.bytes) };
      log.ended({ id: ended.id, ...describeCause(cause), ...usage, ...used });
    },
  });
  registry.add(session);
  log.started({ id, route: visit.upgrade.path, service: target.service, principal: principal.id });
  return session;
}

/** Undefined for a route whose messages pass unopened. */
function judgingOf(
  parts: ConnectParts,
  visit: Visit,
  url: string,
  ending: Ending | undefined,
): Judging | undefined {
  const { clock, hookMs } = parts;
  const { messages } = visit.route;
  const policed = withEnding(ending, withStrip(visit.strip, policedOf(parts, visit, url)));
  return (messages ?? policed) && createJudging(clock, hookMs, messages ?? {}, policed);
}

const policyOf = ({ policies }: Pick<ConnectParts, 'policies'>, route: Route): CompiledPolicy | undefined =>
  policies.get(route.registered ?? route);

/** Undefined for a route without a policy. */
function policedOf(parts: ConnectParts, { id, route }: Visit, url: string): Policed | undefined {
  const { log } = parts;
  const { preset, keys } = route;
  const compiled = policyOf(parts, route);
  if (!compiled) return undefined;
  const policing = createPolicing(compiled, {
    id,
    dialect: preset.dialect,
    secret: keys,
    url,
    onRefused: (refusal) => log.messageRefused({ id, ...refusal }),
    onWithheld: (why) => log.messageWithheld({ id, why }),
  });
  return { ...policing, maxBytes: preset.limits.maxMessageBytes };
}

/** A route's own limit counts where it is shorter. */
function limitsOf({ limits }: ConnectParts, { preset }: Route): SessionLimits {
  const { longestMs = Infinity } = preset.limits;
  return longestMs < limits.longestMs ? { ...limits, longestMs } : limits;
}

/** Completes the client's handshake and starts the relay; returns why not, with the upstream leg gone. */
function joinLegs(
  parts: ConnectParts,
  visit: Visit,
  session: Session,
  upstream: Leg,
): ProxyError | undefined {
  const client = session.cause ? undefined : acceptClient(parts, visit);
  if (client && !(client instanceof ProxyError)) {
    session.open({ client, upstream });
    return undefined;
  }
  upstream.terminate();
  if (client) return client;
  session.end(CLIENT_LEFT);
  return new ProxyError('Internal', 'the client left while the upstream answered');
}

/** An error when another listener of the server has answered this socket already. */
function acceptClient({ accept }: ConnectParts, visit: Visit): Leg | ProxyError | undefined {
  const { request, upgrade, held, route, credential, isOpen } = visit;
  const { maxMessageBytes } = route.preset.limits;
  const { socket } = held;
  try {
    return accept({
      request,
      socket,
      head: held.release(),
      key: upgrade.key,
      echo: credential.echo,
      maxMessageBytes,
      isOpen,
    });
  } catch (error) {
    return toProxyError(error);
  }
}

function causeOfLeaving({ held }: Visit): EndCause {
  return held.isOverBudget ? { by: 'proxy', name: 'TooLarge' } : CLIENT_LEFT;
}

/** A provider that refuses a user's own token refuses the user, not the operator. */
function causeOf({ closeName, retryAfterMs, message }: ProxyError, isUsersToken: boolean): EndCause {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  const name = isUsersToken && closeName === 'UpstreamAuth' ? 'AuthInvalid' : closeName;
  return { by: 'proxy', name, why: message, ...wait };
}

/** Without hosts too; empty when it tells the key or another secret. */
function redacted(reason: string, key: Confidential, others: readonly (Confidential | undefined)[]): string {
  const isTold = others.some((secret) => secret?.isToldBy(reason) === true);
  return isTold ? '' : toClientReason(reason, key);
}

function toProxyError(error: unknown): ProxyError {
  return error instanceof ProxyError ? error : new ProxyError('Internal', 'bug', { cause: error });
}
