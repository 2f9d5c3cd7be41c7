/** Who may use an HTTP route, in this order: form, origin, method, caller, rate. What they may ask for is left to the route. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkCaller, type Caller, type CallerChecks, type CallerVerdict } from '../auth/caller.ts';
import { siteOf } from '../auth/client-address.ts';
import { findCredential } from '../auth/credential.ts';
import type { Principal } from '../auth/principal.ts';
import type { Clock } from '../clock.ts';
import { readQuery, type QueryPair } from '../contract/index.ts';
import { ProxyError } from '../errors.ts';
import { SlidingWindow, type Taken, type WindowState } from '../limits/sliding-window.ts';
import { allowOrigin, isPreflight } from './cross-origin.ts';
import { HttpFault, rowFault, type Fault } from './fault.ts';
import type { HttpRoute, RateRule } from './http-route.ts';
import { inTime } from './in-time.ts';
import { checkForm, searchOf } from './request-form.ts';

export interface GateParts {
  readonly clock: Clock;
  readonly checks: CallerChecks;
  /** Time for the application to check a token, in milliseconds. */
  readonly authMs: number;
}

/** A request on its way to a route. */
export interface Visitor {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly route: HttpRoute;
  readonly address: string;
  /** Aborts, with an HttpFault as reason, when the client leaves or the server closes. */
  readonly signal: AbortSignal;
}

export interface Entered {
  readonly principal: Principal;
  readonly query: readonly QueryPair[];
  readonly bodySha256: string | undefined;
  readonly rate: WindowState;
}

/** Undefined for a preflight, which is answered by its headers. Rejects with an HttpFault that says why not. */
export type Gate = (visitor: Visitor) => Promise<Entered | undefined>;

const UNLIMITED: WindowState = { used: 0, remaining: Infinity, waitMs: 0 };

export function createGate({ clock, checks, authMs }: GateParts): Gate {
  const windowsOf = createWindows(clock);
  return async (visitor) => {
    const { request, route, signal } = visitor;
    checkForm(request);
    checkOrigin(checks, visitor);
    if (isPreflight(request)) return undefined;
    checkMethod(request, route);
    const { caller, query } = toCaller(visitor);
    const checking = checkCaller(checks, caller);
    const verdict = await inTime(clock, checking, { ms: authMs, late: authTimedOut, signal });
    const rate = countIn(visitor, route.rate && windowsOf(route.rate), verdict);
    if ('refused' in verdict) throw new HttpFault(rowFault(verdict.refused.name, verdict.refused.why));
    return { principal: verdict.principal, bodySha256: verdict.bodySha256, query, rate };
  };
}

/** Apart from each other, so that no number of strangers leaves users without a count of their own. */
interface Windows {
  readonly strangers: SlidingWindow;
  readonly users: SlidingWindow;
}

/** Of each rule, which several routes may share. */
function createWindows(clock: Clock): (rule: RateRule) => Windows {
  const byRule = new Map<RateRule, Windows>();
  const open = (rule: RateRule): SlidingWindow => new SlidingWindow(rule, () => clock.now());
  return (rule) => {
    const windows = byRule.get(rule) ?? { strangers: open(rule), users: open(rule) };
    byRule.set(rule, windows);
    return windows;
  };
}

function checkOrigin({ origins }: CallerChecks, { request, response, route }: Visitor): void {
  const { origin, host = '' } = request.headers;
  if (!origins.allows(origin, host, isEncrypted(request)))
    throw new HttpFault(rowFault('OriginDenied', 'origin not allowed'));
  allowOrigin(request, response, route);
}

function checkMethod({ method }: IncomingMessage, route: HttpRoute): void {
  const allowed = route.method === 'GET' ? ['GET', 'HEAD'] : [route.method];
  if (allowed.includes(method ?? '')) return;
  const message = `This path answers ${allowed.join(' and ')} only.`;
  const headers = { Allow: [...allowed, 'OPTIONS'].join(', ') };
  throw new HttpFault({ status: 405, error: 'method_not_allowed', message, headers, why: 'method' });
}

function toCaller({ request, route, address }: Visitor): { caller: Caller; query: readonly QueryPair[] } {
  const header = (name: string): string | undefined => [request.headers[name] ?? []].flat()[0];
  const places = { query: readQuery(searchOf(request.url)), header, subprotocols: [] };
  const credential = findCredential(places, route.credentialSlots ?? []);
  const caller: Caller = {
    origin: request.headers.origin,
    host: request.headers.host ?? '',
    isEncrypted: isEncrypted(request),
    address: () => address,
    credential,
    request: { method: request.method ?? '', target: targetOf(request), header },
  };
  return { caller, query: credential.query };
}

/** A framework that mounts the proxy under a path keeps what the client asked for beside what is left of it. */
function targetOf(request: IncomingMessage & { originalUrl?: unknown }): string {
  return typeof request.originalUrl === 'string' ? request.originalUrl : (request.url ?? '');
}

function isEncrypted({ socket }: IncomingMessage): boolean {
  return 'encrypted' in socket && socket.encrypted === true;
}

/** Whoever is not let in counts by address, so that guessing tokens has a limit too. */
function countIn(
  { route, address }: Visitor,
  windows: Windows | undefined,
  verdict: CallerVerdict,
): WindowState {
  if (!windows || !route.rate) return UNLIMITED;
  const isStranger = 'refused' in verdict || verdict.principal.isAnonymous === true;
  const window = isStranger ? windows.strangers : windows.users;
  const key = isStranger ? siteOf(address) : verdict.principal.id;
  if (!route.isCounted && !('refused' in verdict)) return window.look(key);
  const taken = window.take(key);
  if (!taken.isTaken) throw new HttpFault(rateFault(route.rate, taken));
  return taken;
}

function rateFault({ message }: RateRule, { waitMs }: Taken): Fault {
  return { ...rowFault('RateLimited', 'rate', waitMs), error: 'Rate limit exceeded', message };
}

function authTimedOut(): ProxyError {
  return new ProxyError('AuthUnavailable', 'authentication timeout');
}
