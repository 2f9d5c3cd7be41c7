/** What a session does because of who its provider is: keepalive, last words, the provider's own limit, close codes for its SDKs. */
import { errorFrameOf, NORMAL_CLOSURE, toErrorFrame } from '../contract/index.ts';
import type { LegClose } from '../leg/leg.ts';
import type { CloseCodes } from '../upstream/preset.ts';
import type { Route } from '../upstream/route.ts';
import type { Keepalive } from '../upstream/vendor-facts.ts';
import { createEnding, type Ending } from './ending.ts';
import { isVendorClient, type Visit } from './visit.ts';

export interface VendorPlan {
  readonly keepalive?: Keepalive | undefined;
  /** Said to the provider before the close when the session did not end by either peer's own. */
  readonly lastText?: string | undefined;
  /** The provider ends sessions that are older, in milliseconds. */
  readonly longestMs?: number | undefined;
  /** Set where clients wait for a last message. */
  readonly ending?: Ending | undefined;
  /** Codes in place of the contract's. */
  readonly closeCodes?: CloseCodes | undefined;
}

/** Their clocks and ours began at different moments. */
const LIMIT_SLACK_MS = 5_000;
/** Closes from here on are a vendor's own, with their own meaning (RFC 6455 7.4.2). */
const FIRST_VENDOR_CODE = 3000;

export function toVendorPlan(visit: Visit, service: string): VendorPlan {
  const { preset } = visit.route;
  const facts = preset.endpoints[service]?.facts;
  return {
    keepalive: facts?.keepalive,
    lastText: facts?.lastText,
    ending: createEnding({
      facts,
      hidden: visit.route.hidden,
      plainError: toErrorFrame(preset.dialect, errorFrameOf('UpstreamUnavailable', { sessionId: visit.id })),
    }),
    longestMs: longestOf(visit.route, service),
    closeCodes: isVendorClient(visit) ? preset.closeCodes : undefined,
  };
}

/** The provider counts from when it opened the connection, which may have been a spare. */
function longestOf({ preset, spares }: Route, service: string): number | undefined {
  const longestMs = preset.endpoints[service]?.facts.longestSessionMs;
  return longestMs === undefined ? undefined : longestMs - (spares?.get(service)?.longestIdleMs ?? 0);
}

/** Whether the provider ended a session because it is as old as it lets them become. */
export function isVendorLimit({ longestMs = Infinity }: VendorPlan, close: LegClose, ageMs: number): boolean {
  const isOrdinary = close.code === NORMAL_CLOSURE || close.code >= FIRST_VENDOR_CODE;
  return !isOrdinary && close.fault === undefined && ageMs >= longestMs - LIMIT_SLACK_MS;
}
