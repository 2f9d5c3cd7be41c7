/**
 * How one provider's API is addressed and given its key: data, read by the code that routes, authenticates and dials.
 * A preset sees no request.
 */
import type { Dialect, Slot } from '../contract/index.ts';
import type { MessagePolicy } from './policy/policy.ts';
import type { VendorFacts } from './vendor-facts.ts';

/** What a client may and may not put into the upstream's query. Parameters named nowhere pass unchanged. */
export interface QueryRules {
  /** Used when the client sent none of `defaultsUnless`. */
  readonly defaults: Readonly<Record<string, string>>;
  /** The parameters that make the defaults unnecessary. */
  readonly defaultsUnless: readonly string[];
  /** Always replaced by this value. */
  readonly pin: Readonly<Record<string, string>>;
  /** What a parameter may hold, as a pattern for its whole decoded value; another value is refused. */
  readonly allow: Readonly<Record<string, string>>;
  /** Refused: the vendor would act on them with the operator's key. */
  readonly deny: readonly string[];
}

/** One address of a provider. */
export interface Endpoint {
  /** Upstream URL without query; `wss:` unless it is on loopback. */
  readonly url: string;
  readonly query: QueryRules;
  readonly facts: VendorFacts;
}

/** How the endpoint of a session is chosen when a route has several; the first rule that speaks wins. */
export interface EndpointChoice {
  /** A client's explicit wish: query parameter and its values. */
  readonly byQuery: { readonly name: string; readonly values: Readonly<Record<string, string>> };
  /** Text in the route's path that decides. */
  readonly byPath: Readonly<Record<string, string>>;
  /** Query parameters that only make sense for one endpoint. */
  readonly byParameters: Readonly<Record<string, readonly string[]>>;
  readonly otherwise: string;
}

export interface Preset {
  readonly id: string;
  /** Name for people. */
  readonly title: string;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly choice: EndpointChoice;
  /** Where the real key goes; never into the query, which access logs keep. */
  readonly upstreamAuth: Exclude<Slot, { in: 'query' }>;
  /** Where this vendor's own SDK puts its key, and our user's token is found. In order of priority. */
  readonly clientCredential: readonly Slot[];
  /** The shape of error frames that this vendor's clients understand. */
  readonly dialect: Dialect;
  /**
   * How a client is refused whose credential came in a vendor slot: told over the socket, or by HTTP status because the
   * vendor's SDK dials again and again after a close.
   */
  readonly refusal: 'close' | 'http';
  readonly limits: {
    /** Longest message either way, in bytes. */
    readonly maxMessageBytes: number;
    /** Time for the upstream's handshake, in milliseconds. */
    readonly handshakeMs: number;
  };
  /** What messages may say on a route that does not say it itself. Without it they pass unopened. */
  readonly policy?: MessagePolicy | undefined;
}
