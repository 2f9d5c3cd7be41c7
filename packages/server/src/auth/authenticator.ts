/** What admission needs of a way to authenticate: a token in, a principal or the name of a refusal out. */
import type { Principal } from './principal.ts';

export type AuthRefusal = 'AuthRequired' | 'AuthInvalid' | 'AuthExpired' | 'AuthUnavailable';

export type AuthOutcome =
  | { readonly principal: Principal }
  /** `why` is for the operator's log only. */
  | { readonly refusal: AuthRefusal; readonly why: string };

export interface Authenticator {
  /**
   * Whether the tokens that it lets in are the provider's own, so that routes may pass them on. Default false: an application's
   * token is nobody else's business.
   */
  readonly letsTokensPass?: boolean;
  /** For logs and the start-up lines, such as `jwt (HS256)`. */
  readonly title: string;
  /**
   * `audiences` are those for which the provider wants a user's own token made out, where it takes one. Never throws for what a
   * client sent. A rejection means that the check itself failed.
   */
  authenticate(token: string | undefined, nowMs: number, audiences?: readonly string[]): Promise<AuthOutcome>;
}
