/** What a mock upstream is started with, and what its defaults are. */
import type { MockAuth } from './handshake-rules.ts';
import type { ScenarioChoice } from './scenarios/index.ts';

export interface MockDeepgramOptions {
  /**
   * The key that the mock asks for; any other is answered with HTTP 401 and the vendor's error body. Must be a legal
   * subprotocol (RFC 6455 4.1) and at least eight characters long. Never use a real key.
   */
  readonly secret: string;
  /** What every session does until `play()` says otherwise. Default `happyTurn`. */
  readonly scenario?: ScenarioChoice;
  /** Speaks TLS with this key and certificate, both PEM. Default plain TCP. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Where the secret must stand. Default `subprotocol`. */
  readonly auth?: MockAuth;
  /** What is not a violation although the vendor does not document it. Default nothing. */
  readonly allow?: {
    /** Header names, in any case. */
    readonly headers?: readonly string[];
    /** Query keys. */
    readonly queryKeys?: readonly string[];
    /** True takes any first frame. Default false: settings for the agent, audio or a known message for listen. */
    readonly anyFirstFrame?: boolean;
  };
  /**
   * What follows a violation. `refuse` (default) answers a bad handshake with HTTP 400 and a bad first frame with the
   * vendor's error and a close, so that the test fails even without `expectNoViolations()`; `record` goes on.
   */
  readonly onViolation?: 'refuse' | 'record';
}

const SHORTEST_SECRET = 8;

/** Throws a TypeError for a secret that could not be offered or not be searched for. */
export function checkSecret(secret: string, isLegal: (text: string) => boolean): void {
  if (secret.length < SHORTEST_SECRET)
    throw new TypeError(`secret: shorter than ${SHORTEST_SECRET} characters`);
  if (!isLegal(secret)) throw new TypeError('secret: holds characters that no subprotocol may hold');
}
