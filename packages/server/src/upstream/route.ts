/** A public path bound to one upstream: a preset with the operator's key. Made by create-route.ts, used by the session. */
import type { MessageRules } from './message-hook.ts';
import type { MessagePolicy } from './policy/policy.ts';
import type { Preset } from './preset.ts';
import type { KeyRing } from './key-ring.ts';
import type { Secret } from './secret.ts';

/** Further addresses of a route's provider. */
export interface Fallback {
  /** By endpoint, in the order in which they are tried. */
  readonly urls: ReadonlyMap<string, readonly string[]>;
  /** Time for the first address and these together, in milliseconds. */
  readonly totalMs: number;
}

/** Opened connections to one endpoint that are kept for the sessions that come next. */
export interface Spares {
  /** The address, with the query, for which they are opened. */
  readonly url: string;
  /** How many at most. */
  readonly count: number;
  /** Age at which one is ended unused, in milliseconds. */
  readonly longestIdleMs: number;
  /** How long they are kept up after the last session that could have used one, in milliseconds. */
  readonly keptForMs: number;
}

export interface Route {
  readonly preset: Preset;
  /** Empty where the provider wants no key, or only users' own tokens. */
  readonly keys: KeyRing;
  /** Whether users' own tokens go to the provider, where the endpoint takes them; otherwise no token ever does. */
  readonly passesTokens?: boolean | undefined;
  /** What else nobody may read in a close reason, such as the address of an upstream that only its URL protects. */
  readonly hidden?: Secret | undefined;
  /** What the application wants to see of the messages; without it they pass unopened. */
  readonly messages?: MessageRules | undefined;
  /** In place of the preset's own lists: the values that a query parameter may have, such as `{ model: ['nova-3'] }`. */
  readonly listed?: Readonly<Record<string, readonly string[]>> | undefined;
  /** The endpoint for which the path stands. Without it the preset's choice decides for each session. */
  readonly endpoint?: string | undefined;
  /** What a client's path filled in for the URL's variables. */
  readonly values?: Readonly<Record<string, string>> | undefined;
  /** The route of the options from which this one was made for a path with variables. */
  readonly registered?: Route | undefined;
  /** Further addresses of the provider. Default: none. */
  readonly fallback?: Fallback | undefined;
  /** By endpoint. Default: every session opens its own connection. */
  readonly spares?: ReadonlyMap<string, Spares> | undefined;
  /** What messages may say; in place of the preset's. It is enforced before the application sees them. */
  readonly policy?: MessagePolicy | undefined;
}
