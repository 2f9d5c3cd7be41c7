/** No authentication, written out: whoever reaches the server uses the operator's account. */
import type { Authenticator } from './authenticator.ts';
import { ANONYMOUS } from './principal.ts';

/** Lets everybody in as `anonymous`. A token that is sent along is still stripped, and never checked. */
export function none(): Authenticator {
  return {
    title: 'none: everybody who reaches this server uses your account',
    readsToken: false,
    authenticate: () => Promise.resolve({ principal: ANONYMOUS }),
  };
}
