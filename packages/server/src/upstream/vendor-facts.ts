/**
 * What a vendor's documentation says of an endpoint beyond how it is reached: keepalive, time limits, audio, usage,
 * ephemeral tokens. Recorded with the preset, so that the type is whole; of them only the keepalive is acted on.
 */

/** How a session is carried: a WebSocket, a plain request, an event stream, an SDP exchange, or a URL for one session. */
export type Transport = 'ws' | 'http' | 'sse' | 'sdp' | 'session-url';

export interface Keepalive {
  /** The vendor ends a connection on which nothing came for this long, in milliseconds. */
  readonly upstreamIdleMs: number;
  /** The text message that counts as something, and how often to send it while nothing else flows. */
  readonly text: string;
  readonly everyMs: number;
}

/** Where usage can be read: in a message, from the audio's bytes, or only from the clock. */
export type UsageSource =
  | {
      readonly on: 'message';
      /** The message's `type`. */
      readonly type: string;
      /** Name of a quantity to its path in the message. */
      readonly read: Readonly<Record<string, string>>;
    }
  | { readonly on: 'audio-bytes' }
  | { readonly on: 'wall-clock' };

/** The vendor's own short-lived tokens. */
export interface EphemeralTokens {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** Path of the token, and of its life in seconds, in the answer. */
  readonly tokenPath: string;
  readonly lifePath: string;
  readonly longestLifeMs: number;
  readonly isSingleUse: boolean;
}

export interface VendorFacts {
  readonly transport: Transport;
  /** Paths that the vendor's SDKs use at the root of an origin when they drop a base URL's path. */
  readonly nativePaths: readonly string[];
  readonly keepalive?: Keepalive;
  /** The vendor ends longer sessions, in milliseconds. */
  readonly longestSessionMs?: number;
  readonly usage: readonly UsageSource[];
  readonly ephemeral?: EphemeralTokens;
}
