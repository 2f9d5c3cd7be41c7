/**
 * What a vendor's documentation says of an endpoint beyond how it is reached: keepalive, last message, time limits, audio,
 * usage, ephemeral tokens. The session acts on the first three; the others are read by what meters and mints.
 */

/** How a session is carried: a WebSocket, a plain request, an event stream, an SDP exchange, or a URL for one session. */
export type Transport = 'ws' | 'http' | 'sse' | 'sdp' | 'session-url';

export interface Keepalive {
  /** The vendor ends a connection on which nothing came for this long, in milliseconds. */
  readonly upstreamIdleMs: number;
  /** The text message that counts as something; without it a ping does. */
  readonly text?: string;
  /** How often it is sent, in milliseconds; well below `upstreamIdleMs`. */
  readonly everyMs: number;
  /** Whether it is sent only while nothing else goes up. Default true. */
  readonly onlyWhenIdle?: boolean;
}

/** Usage that a message tells. */
export interface MessageUsage {
  readonly on: 'message';
  /** Paths and what they hold in such a message; `true` where it is enough that they are there. */
  readonly match: Readonly<Record<string, string | true>>;
  /** Name of a quantity to its path in the message. */
  readonly read: Readonly<Record<string, string>>;
  /** Name of what is used, such as `model`, to its path in the message. */
  readonly names?: Readonly<Record<string, string>>;
  /** Whether each message states all of the session's usage so far, so that the last one counts alone. Default false. */
  readonly isCumulative?: boolean;
}

/** Where usage can be read: in a message, from the audio's bytes, or only from the clock. */
export type UsageSource = MessageUsage | { readonly on: 'audio-bytes' } | { readonly on: 'wall-clock' };

/** The vendor's own short-lived tokens. */
export interface EphemeralTokens {
  readonly method: 'GET' | 'POST';
  /** May hold `{name}` for the preset's variables. */
  readonly url: string;
  /** The parameter of the query, or the path in the body, that asks for a life in seconds. */
  readonly lifeParameter?: string;
  /** What else the body holds. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** Path of the token, and of its life in seconds, in the answer. */
  readonly tokenPath: string;
  readonly lifePath?: string;
  readonly longestLifeMs: number;
  readonly isSingleUse: boolean;
  /** Whether what it is minted for binds whoever holds it. Default false. */
  readonly locksConfiguration?: boolean;
}

export interface VendorFacts {
  readonly transport: Transport;
  /**
   * Paths that the vendor's SDKs use at the root of an origin when they drop a base URL's path. A segment `{name}` stands for a
   * variable that the client fills in.
   */
  readonly nativePaths: readonly string[];
  readonly keepalive?: Keepalive;
  /** Said before the close when the session did not end by the vendor or by the page's own close: an open stream costs money. */
  readonly lastText?: string;
  /**
   * Types of the messages for which the vendor's clients wait, one of which is the last: they hang at a close that comes without, so that
   * an error goes before it.
   */
  readonly lastTypes?: readonly string[];
  /** The vendor ends longer sessions, in milliseconds; such an end is an ordinary one. */
  readonly longestSessionMs?: number;
  /** Paths in the vendor's answers that hold the URL of one session, and must lead to the proxy instead. */
  readonly sessionUrls?: readonly string[];
  /** Names of the audio formats that the vendor takes and sends. */
  readonly audio?: { readonly up: readonly string[]; readonly down: readonly string[] };
  readonly usage: readonly UsageSource[];
  readonly ephemeral?: EphemeralTokens;
}
