/** A public path that answers HTTP requests: what it takes, whom it counts, and what answers. Made by preset functions. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../auth/principal.ts';
import type { Clock } from '../clock.ts';
import type { QueryPair, Slot } from '../contract/index.ts';
import type { WindowRule, WindowState } from '../limits/sliding-window.ts';
import type { KeyRing } from '../upstream/key-ring.ts';
import type { KeyedCall } from '../upstream/keyed-call.ts';
import type { FaultShape } from './fault.ts';

/** A GET route answers HEAD too; all answer OPTIONS. */
export type HttpMethod = 'GET' | 'POST';

export type BodyRules =
  /** Read whole, parsed and handed over. Objects only. */
  | { readonly kind: 'json'; readonly maxBytes: number }
  /** Left to the route, which reads it as a stream; a declared length above the limit is refused before. */
  | { readonly kind: 'multipart' | 'stream'; readonly maxBytes: number };

/** How often one caller may ask. Routes that share one rule share one count. */
export interface RateRule extends WindowRule {
  /** What a refusal says. */
  readonly message: string;
}

export interface HttpRoute {
  readonly kind: 'http';
  /** Name for people. */
  readonly title: string;
  /** The operator's, which its requests go out with. */
  readonly keys?: KeyRing | undefined;
  readonly method: HttpMethod;
  readonly body?: BodyRules | undefined;
  readonly rate?: RateRule | undefined;
  /** Whether requests count, or only look at the count. */
  readonly isCounted: boolean;
  /** Where the provider's own SDK puts its key, and a user's token is found before it is looked for in the contract's places. */
  readonly credentialSlots?: readonly Slot[] | undefined;
  /** Headers of answers that pages of other origins may read, beside those of every answer. */
  readonly readableHeaders?: readonly string[] | undefined;
  readonly faults: FaultShape;
  readonly answer: Answering;
}

/** What a route gives back; undefined when it has written to the response itself. */
export interface Reply {
  readonly status: number;
  readonly body: object;
}

/** Rejects with an HttpFault or a ProxyError for what it cannot answer. */
export type Answering = (exchange: Exchange) => Promise<Reply | undefined>;

/** One admitted request and its response. */
export interface Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly principal: Principal;
  readonly address: string;
  /** Without credentials. */
  readonly query: readonly QueryPair[];
  /** What stands in the path for the variables of its key, as it came. */
  readonly values: Readonly<Record<string, string>>;
  /** The parsed body of a route that takes JSON. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The hash that a body which the route reads itself must have, in hexadecimal; undefined when any will do. */
  readonly bodySha256: string | undefined;
  /** The caller's count under the route's rule. */
  readonly rate: WindowState;
  /** Aborts, with an HttpFault as reason, when the client leaves or the server closes. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly call: KeyedCall;
  /** Adds numbers, such as tokens used, to the request's line in the log. */
  note(facts: Readonly<Record<string, number | string>>): void;
}
