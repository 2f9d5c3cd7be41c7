/** The one place that makes a route which opens text messages, for the cases that need one. */
import { deepgram, withoutPolicy, type Judgement, type Route } from '../../src/index.ts';

/** Where the route leads. */
export interface RouteTarget {
  readonly apiKey: string;
  readonly url: string;
}

/**
 * A route with a message hook that lets every text pass, so that text is assembled and checked in both directions.
 */
export function openedRoute({ apiKey, url }: RouteTarget): Route {
  return withoutPolicy(
    deepgram({ apiKey, agentUrl: url, listenUrl: url, messages: { up: pass, down: pass } }),
  );
}

const pass = (message: string): Judgement => ({ forward: message });

/**
 * Whether such a route refuses text at the octet that spoils it (cases 6.4), as a strict endpoint does. False plays the
 * whole message, for a route that judges only what is complete.
 */
export const OPENED_ROUTE_FAILS_FAST = false;
