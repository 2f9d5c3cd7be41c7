/** What the demo page and its backend agree on: paths, the kinds of token, and what the page is told about the upstream. */

export const CONFIG_PATH = '/demo/config';
export const TOKEN_PATH = '/demo/token';
/** Prefix of the proxy, which answers `/health` and `/ready` below it. */
export const PROXY_BASE = '/voice';
export const PROXY_ROUTE = '/deepgram-proxy';
export const WORKLET_PATH = '/audio-worklet.js';

/**
 * `good` lives an hour, `short` a few seconds; `expired` was valid once, `wrong` never. The last three are for seeing
 * what happens then.
 */
export type TokenKind = 'good' | 'short' | 'expired' | 'wrong';

export interface DemoToken {
  token: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface DemoConfig {
  /** Who answers: the speech of this machine, or Deepgram because its key is set. */
  upstream: 'local' | 'deepgram';
  /** Whether the local upstream understands words; without it the visitor's own voice is played back. */
  hasRecogniser: boolean;
}
