/** Where a token travels in a handshake, and how a subprotocol header is read and answered (RFC 6455 4.2.2). */

/** The query parameter that carries a token. Two of them are refused as ambiguous. */
export const TOKEN_QUERY = 'token';
/** The plain subprotocol that our client offers, and the server echoes, when the token travels in a subprotocol. */
export const SUBPROTOCOL = 'voxproxy.v1';
/** Offered beside SUBPROTOCOL, with the token behind it; never echoed. */
export const TOKEN_SUBPROTOCOL_PREFIX = 'voxproxy.token.';
/** The query parameter that selects one of a route's upstreams, such as `agent` or `transcription`. */
export const SERVICE_QUERY = 'service';

const TOKEN_CHARACTERS = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** The only white space around a header's values is a space or a tab (RFC 9110 5.6.3); trim() would take more. */
const HEADER_CHARACTERS = /^[\t\x20-\x7e]*$/;

/** True when a text may be one subprotocol value: an RFC 7230 3.2.6 token. A JWT is; padded base64 is not. */
export function isSubprotocol(text: string): boolean {
  return TOKEN_CHARACTERS.test(text);
}

/** The offered subprotocols in order; undefined when the header is malformed or names one twice (RFC 6455 4.1). */
export function readSubprotocols(header: string | undefined): string[] | undefined {
  if (header === undefined) return [];
  if (!HEADER_CHARACTERS.test(header)) return undefined;
  const offered = header.split(',').map((part) => part.trim());
  if (!offered.every(isSubprotocol) || new Set(offered).size !== offered.length) return undefined;
  return offered;
}
