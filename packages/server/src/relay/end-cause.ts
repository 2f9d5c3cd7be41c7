/** Why a session ended, and what each leg is told. Pure; the session decides when, the legs carry it out. */
import { CLOSE_ROWS, NORMAL_CLOSURE, NO_STATUS, mayBeSent, toCloseReason } from '../contract/index.ts';
import type { CloseName } from '../contract/index.ts';
import type { LegClose } from '../leg/leg.ts';

/** One cause a session: a peer's close, or a decision of the proxy by the name of its close row; `why` is for the log. */
export type EndCause =
  | { readonly by: 'client' | 'upstream'; readonly close: LegClose }
  | { readonly by: 'proxy'; readonly name: CloseName; readonly retryAfterMs?: number; readonly why?: string };

/** A close frame to send; without a code it is empty. `name` is set when the row is our own. */
export interface ClosePlan {
  readonly code?: number;
  readonly reason?: string;
  readonly name?: CloseName;
  readonly retryAfterMs?: number;
}

/** The close for the client. Foreign reasons go through `redact` first. */
export function closeForClient(cause: EndCause, redact: (reason: string) => string): ClosePlan {
  if (cause.by === 'proxy') return ownClose(cause.name, cause.retryAfterMs);
  if (cause.by === 'client') return cause.close.fault ? ownClose(cause.close.fault) : answerTo(cause.close);
  return passedClose(cause.close, redact) ?? ownClose(lossOf(cause.close));
}

/** What a client is told of an upstream that is gone. The limit on messages holds both ways, and no new try helps. */
function lossOf({ fault }: LegClose): CloseName {
  return fault === 'TooLarge' ? fault : 'UpstreamUnavailable';
}

/** The close for the upstream: the client's own, or a plain end when the cause is not the client's to state. */
export function closeForUpstream(cause: EndCause, redact: (reason: string) => string): ClosePlan {
  if (cause.by === 'client') return passedClose(cause.close, redact) ?? { code: NORMAL_CLOSURE };
  if (cause.by === 'proxy') return { code: NORMAL_CLOSURE };
  return cause.close.fault ? ownClose(cause.close.fault) : answerTo(cause.close);
}

/** A close frame is answered with what it says (RFC 6455 5.5.1). */
function answerTo({ code, reason }: LegClose): ClosePlan {
  return mayBeSent(code) ? { code, reason } : {};
}

/** What the log and the usage record call the end: `client`, `upstream`, or the row's word. */
export function describeCause(cause: EndCause): { cause: string; code: number; why?: string } {
  if (cause.by === 'proxy')
    return { ...describeRow(cause.name), ...(cause.why === undefined ? {} : { why: cause.why }) };
  const { fault, code } = cause.close;
  return fault ? describeRow(fault) : { cause: cause.by, code };
}

function describeRow(name: CloseName): { cause: string; code: number } {
  const { word, code } = CLOSE_ROWS[name];
  return { cause: word, code };
}

function ownClose(name: CloseName, retryAfterMs?: number): ClosePlan {
  const row = CLOSE_ROWS[name];
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { code: row.code, reason: toCloseReason(row, retryAfterMs), name, ...wait };
}

/** The peer's close as it may be repeated to the other leg; undefined when its code may not be sent. */
function passedClose(close: LegClose, redact: (reason: string) => string): ClosePlan | undefined {
  if (close.fault) return undefined;
  if (close.code === NO_STATUS) return {};
  return mayBeSent(close.code) ? { code: close.code, reason: redact(close.reason) } : undefined;
}
