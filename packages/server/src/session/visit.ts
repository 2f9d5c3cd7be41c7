/** One upgrade on its way into a session, and the two ways of sending it off: it left, or it is told why not. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Authenticator } from '../auth/authenticator.ts';
import { findCredential, type FoundCredential } from '../auth/credential.ts';
import { createStrip, messageSlotsIn, type Strip } from '../auth/message-credential.ts';
import { readSessionQuery, SESSION_QUERY } from '../contract/index.ts';
import type { CloseName, MessageSlot, QueryPair, SessionRequest } from '../contract/index.ts';
import type { Route } from '../upstream/route.ts';
import type { HeldSocket } from './held-socket.ts';
import { vendorCodeOf } from './vendor-close.ts';
import type { Refuser } from './told-refusal.ts';
import type { UpgradeRequest } from './upgrade.ts';

export interface Visit {
  /** The session's id, should there be one; also names a refusal in the log. */
  readonly id: string;
  readonly route: Route;
  readonly request: IncomingMessage;
  readonly upgrade: UpgradeRequest;
  readonly credential: FoundCredential;
  /** Set when the client asks for session mode; the parameter that asks is not in the query any more. */
  readonly session: SessionRequest | undefined;
  readonly held: HeldSocket;
  /** The messages in which the route's clients may bring their credential. */
  readonly messageSlots: readonly MessageSlot[];
  /** Takes the credential out of the messages that are still to come. */
  readonly strip: Strip | undefined;
  /** Whether the handshake is completed already, since the credential was waited for: deferred-auth.ts. */
  readonly isOpen: boolean;
}

export function createVisit(from: Pick<Visit, 'route' | 'request' | 'upgrade' | 'held'>): Visit {
  const { route, request, held } = from;
  const { query } = from.upgrade;
  const session = firstRequest(query);
  const upgrade = session
    ? { ...from.upgrade, query: query.filter((pair) => !toSessionRequest(pair)) }
    : from.upgrade;
  const { clientCredential, subprotocol } = route.preset;
  const credential = findCredential(upgrade, clientCredential, subprotocol?.echo);
  const messageSlots = messageSlotsIn(clientCredential);
  const strip = createStrip(messageSlots, credential.token, messageSlots.length === 0);
  const known = { route, request, held, upgrade, credential, session };
  return { id: randomUUID(), ...known, messageSlots, strip, isOpen: false };
}

/** True for a visit whose credential is still to come, in a message that somebody would read for it. */
export function awaitsCredential(
  { messageSlots, credential, isOpen }: Visit,
  { readsToken = true }: Pick<Authenticator, 'readsToken'>,
): boolean {
  return readsToken && messageSlots.length > 0 && credential.token === undefined && !isOpen;
}

function firstRequest(query: readonly QueryPair[]): SessionRequest | undefined {
  for (const pair of query) {
    const request = toSessionRequest(pair);
    if (request) return request;
  }
  return undefined;
}

function toSessionRequest({ name, value }: QueryPair): SessionRequest | undefined {
  return name === SESSION_QUERY ? readSessionQuery(value) : undefined;
}

/** The client has gone before it could be answered. */
export function seeOff({ held }: Visit): void {
  held.release();
  held.socket.destroy();
}

/** Refuses the client in the manner that it understands. */
export function turnAway(
  refuser: Refuser,
  visit: Visit,
  why: { name: CloseName; retryAfterMs?: number; isOverHttp?: boolean; message?: string | undefined },
): void {
  const { id, held, upgrade, route, credential, isOpen } = visit;
  const { isOverHttp = false, ...row } = why;
  held.release();
  refuser.refuse(held.socket, {
    ...row,
    style: isOverHttp || row.name === 'OriginDenied' ? 'http' : styleOf(visit, row.name),
    dialect: route.preset.dialect,
    key: upgrade.key,
    echo: credential.echo,
    sessionId: id,
    isOpen,
    closeCodes: isVendorClient(visit) ? route.preset.closeCodes : undefined,
  });
}

/** A close at which a vendor's SDK leaves it tells its page the cause, which no status does. */
function styleOf(visit: Visit, name: CloseName): 'close' | 'http' {
  const { refusal, closeCodes } = visit.route.preset;
  const isCalm = vendorCodeOf(closeCodes, name) !== undefined;
  return isVendorClient(visit) && !isCalm ? refusal : 'close';
}

/** By the place of the credential; without one, an offered subprotocol speaks for a vendor's SDK. */
export function isVendorClient({ credential, upgrade }: Pick<Visit, 'credential' | 'upgrade'>): boolean {
  return credential.place === 'vendor' || (credential.place === undefined && upgrade.subprotocols.length > 0);
}
