/** What admission needs of a way to authenticate: a token in, a principal or the name of a refusal out. */
import type { Principal } from './principal.ts';

export type AuthRefusal = 'AuthRequired' | 'AuthInvalid' | 'AuthExpired' | 'AuthUnavailable';

export type AuthOutcome =
  | {
      readonly principal: Principal;
      /** The SHA-256 of the only body that the proof is good for, in hexadecimal; absent when it is good for any. */
      readonly bodySha256?: string;
    }
  /** `why` is for the operator's log only. */
  | { readonly refusal: AuthRefusal; readonly why: string };

/** The request behind a token, for ways to authenticate that judge all of it. */
export interface AuthRequest {
  readonly method: string;
  /** Path and query as they stand in the request line. */
  readonly target: string;
  /** Value of a header by its lower-case name. */
  header(name: string): string | undefined;
  /** For whom a user's own token must be made out, where the provider of the route takes such tokens. */
  readonly audiences?: readonly string[] | undefined;
}

export interface Authenticator {
  /**
   * Whether the tokens that it lets in are the provider's own, so that routes may pass them on. Default false: an application's
   * token is nobody else's business.
   */
  readonly letsTokensPass?: boolean;
  /**
   * Whether it looks at a client's token. Default true. False for ways that judge something else of the request, or nothing: a client
   * whose token would come in a message is then judged by its upgrade, and not waited for. The token is taken out of the message all
   * the same.
   */
  readonly readsToken?: boolean;
  /** For logs and the start-up lines, such as `jwt (HS256)`. */
  readonly title: string;
  /** Never throws for what a client sent. A rejection means that the check itself failed. */
  authenticate(token: string | undefined, nowMs: number, request?: AuthRequest): Promise<AuthOutcome>;
}
