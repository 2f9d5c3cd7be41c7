/** What admission needs of a way to authenticate: a token in, a principal or the name of a refusal out. */
import type { Principal } from './principal.ts';

export type AuthRefusal = 'AuthRequired' | 'AuthInvalid' | 'AuthExpired' | 'AuthUnavailable';

export type AuthOutcome =
  | { readonly principal: Principal }
  /** `why` is for the operator's log only. */
  | { readonly refusal: AuthRefusal; readonly why: string };

export interface Authenticator {
  /** For logs and the start-up lines, such as `jwt (HS256)`. */
  readonly title: string;
  /** Never throws for what a client sent. A rejection means that the check itself failed. */
  authenticate(token: string | undefined, nowMs: number): Promise<AuthOutcome>;
}
