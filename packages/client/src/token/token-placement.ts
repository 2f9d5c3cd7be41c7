/** Puts a token where the server looks for it in a handshake: the query or a subprotocol; pure. */
import { SUBPROTOCOL, TOKEN_QUERY, TOKEN_SUBPROTOCOL_PREFIX, isSubprotocol } from '../contract.ts';
import { AuthError } from '../errors.ts';

export type TokenTransport = 'query' | 'subprotocol';

/** What the constructor of a socket is given. */
export interface SocketTarget {
  readonly url: string;
  readonly protocols: string[];
}

const UNENCODABLE = /\p{Surrogate}/u;

/**
 * The rest of the URL is kept byte for byte.
 * @throws AuthError `token_unfit` when the token cannot travel that way; its message does not contain the token.
 */
export function placeToken(target: SocketTarget, transport: TokenTransport, token?: string): SocketTarget {
  const { url, protocols } = target;
  if (token === undefined) return target;
  const isQuery = transport === 'query';
  if (isQuery ? UNENCODABLE.test(token) : !isSubprotocol(token)) {
    throw new AuthError('token_unfit', `The token has characters that do not fit into a ${transport}.`);
  }
  if (!isQuery) return { url, protocols: [SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX + token, ...protocols] };
  const separator = url.includes('?') ? '&' : '?';
  return { url: `${url}${separator}${TOKEN_QUERY}=${encodeURIComponent(token)}`, protocols };
}
