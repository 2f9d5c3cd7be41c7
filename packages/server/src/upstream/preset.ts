/**
 * How one provider's API is addressed and given its key: data, read by the code that routes, authenticates and dials.
 * A preset sees no request. define-preset.ts says which data makes sense.
 */
import type { Dialect, HandshakeSlot, Slot } from '../contract/index.ts';
import type { MessagePolicy } from './policy/policy.ts';
import type { VendorFacts } from './vendor-facts.ts';

/**
 * What a client may and may not put into the upstream's query. Parameters named nowhere pass unchanged. Names are those of
 * the client, and are compared without case where something is refused.
 */
export interface QueryRules {
  /** Used all together when the client sent none of `defaultsUnless`. */
  readonly defaults?: Readonly<Record<string, string>>;
  /** The parameters that make `defaults` unnecessary. */
  readonly defaultsUnless?: readonly string[];
  /** Each used when the client did not send that very parameter. */
  readonly defaultEach?: Readonly<Record<string, string>>;
  /** Refused unless of each of these groups exactly one parameter is there, after defaults. */
  readonly required?: readonly (readonly string[])[];
  /** Always replaced by this value. */
  readonly pin?: Readonly<Record<string, string>>;
  /** What a parameter may hold, as a pattern for its whole decoded value; another value is refused. */
  readonly allow?: Readonly<Record<string, string>>;
  /** The values of a parameter, each the whole of it or, before a `*`, its beginning; a route may have its own list, which also decides what clients get that name none. */
  readonly listed?: Readonly<Record<string, readonly string[]>>;
  /** Refused: the vendor would act on them with the operator's key. */
  readonly deny?: readonly string[];
  /** From the client's name of a parameter to the vendor's. */
  readonly rename?: Readonly<Record<string, string>>;
  /** Only these pass, by the client's names; others are left out. Default: all. */
  readonly only?: readonly string[];
  /** Whether parameters without a value are left out before all else. Default false. */
  readonly dropsEmpty?: boolean;
}

/** How a user's own token of the provider's identity service goes to the provider, in place of the operator's key. */
export interface UserTokenRules {
  /** Where it goes. */
  readonly slots: readonly HandshakeSlot[];
  /** For whom it must have been made out: its `aud`. */
  readonly audiences: readonly string[];
  /** Where the provider takes no key: what a client reads that has no token to pass on. */
  readonly required?: string;
}

/** One address of a provider. */
export interface Endpoint {
  /** Upstream URL without query; `wss:` unless it is on loopback. `{name}` stands for one of the preset's variables. */
  readonly url: string;
  readonly query: QueryRules;
  /** Headers of the upgrade beside the one that holds the key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Set where the provider takes users' own tokens; a route says whether it passes them on. */
  readonly userToken?: UserTokenRules;
  /** What a client reads for whom there is neither key nor token. Default: such a session is dialled without. */
  readonly unprovenText?: string;
  /** What a client reads whose required parameters are missing, in place of the contract's sentence. */
  readonly missingText?: string;
  readonly facts: VendorFacts;
}

/** A part of a URL that differs from route to route, or from session to session. */
export interface UrlVariable {
  /** Who fills it in. A host is never built from a client's text. */
  readonly by: 'operator' | 'client';
  /** What may be filled in, and what it becomes. Default: any name of at most 64 letters, digits, dots, underscores, hyphens. */
  readonly values?: Readonly<Record<string, string>>;
  readonly default?: string;
}

/** How the endpoint of a session is chosen when a route has several; the first rule that speaks wins. */
export interface EndpointChoice {
  /** Looked at before all else, in order: an endpoint whose parameters have these values, or, for `true`, any that is not empty. */
  readonly first?: readonly {
    readonly when: Readonly<Record<string, string | true>>;
    readonly endpoint: string;
  }[];
  /** A client's explicit wish: query parameter, which goes no further, and its values. */
  readonly byQuery?: { readonly name: string; readonly values: Readonly<Record<string, string>> };
  /** Text in the route's path that decides. */
  readonly byPath?: Readonly<Record<string, string>>;
  /** Query parameters that only make sense for one endpoint. */
  readonly byParameters?: Readonly<Record<string, readonly string[]>>;
  readonly otherwise: string;
}

/**
 * What is offered to the upstream beside credentials, and what a client is answered: `plain`, the first offered value that holds
 * no credential; `any`, that one, or where only credentials were offered the first of them; or one value, if it was offered.
 */
export interface SubprotocolRules {
  readonly offer?: readonly string[];
  /** Default `plain`. */
  readonly echo?: 'plain' | 'any' | { readonly literal: string };
}

/** What vendor SDKs are told where the contract's numbers would set off a storm of new tries. */
export interface CloseCodes {
  /** The credential is missing, wrong or has run out. */
  readonly authFailed?: number;
  /** Too many, too often, or the budget is spent. */
  readonly quota?: number;
  /** Trying again cannot help. */
  readonly final?: number;
}

/** `verified`: the vendor's SDK runs against it in the tests. `documentation`: by what the vendor writes. `own`: the operator's. */
export type Grade = 'verified' | 'documentation' | 'own';

export interface Preset {
  readonly id: string;
  /** Name for people. */
  readonly title: string;
  readonly grade: Grade;
  readonly endpoints: Readonly<Record<string, Endpoint>>;
  readonly choice: EndpointChoice;
  readonly variables?: Readonly<Record<string, UrlVariable>>;
  /** Whether a route may do without a key. Default false. */
  readonly isKeyOptional?: boolean;
  /** Where the real key goes. In a query it stands in the vendor's access logs, so that is the last resort. */
  readonly upstreamAuth: HandshakeSlot;
  /** Where this vendor's own SDK puts its key, and our user's token is found. In order of priority. */
  readonly clientCredential: readonly Slot[];
  readonly subprotocol?: SubprotocolRules;
  /** The shape of error frames that this vendor's clients understand. */
  readonly dialect: Dialect;
  /**
   * How a client is refused whose credential came in a vendor slot: told over the socket, or by HTTP status because the
   * vendor's SDK dials again and again after a close. What has a code of `closeCodes` is told over the socket in any case.
   */
  readonly refusal: 'close' | 'http';
  /** For clients whose credential came in a vendor slot; others get the contract's. */
  readonly closeCodes?: CloseCodes;
  readonly limits: {
    /** Longest message either way, in bytes. */
    readonly maxMessageBytes: number;
    /** Time for the upstream's handshake, in milliseconds. */
    readonly handshakeMs: number;
    /** Longest session, in milliseconds, where it is shorter than the proxy's own. */
    readonly longestMs?: number;
  };
  /** What messages may say on a route that does not say it itself. Without it they pass unopened. */
  readonly policy?: MessagePolicy | undefined;
}
