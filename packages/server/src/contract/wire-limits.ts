/** Numbers fixed by RFC 6455 or by the contract; limits that an operator may change are options, not here. */

/** A control frame's payload (RFC 6455 5.5) less the two bytes of the close code. */
export const MAX_CLOSE_REASON_BYTES = 123;
/** The only protocol version in use (RFC 6455 4.1). */
export const WEBSOCKET_VERSION = 13;
/** Longest token that is looked at, in characters; a longer one is refused before it is parsed. */
export const MAX_TOKEN_LENGTH = 8192;
/** Longest query string of an upgrade, in bytes: room for the longest token beside a provider's parameters. */
export const MAX_QUERY_BYTES = 12_288;
/** Most fragments of one message: as many as the `ws` package takes before it closes with 1008. */
export const MAX_FRAGMENTS = 16_384;
/** Longest control frame of session mode, in bytes. */
export const MAX_CONTROL_FRAME_BYTES = 4_096;
/** Longest first message that is read for a credential, in bytes: room for the longest token beside a provider's settings. */
export const MAX_FIRST_MESSAGE_BYTES = 16_384;
