/** What both ends agree on. PROTOCOL.md says it in words; a test holds the two together. */
export * from './close-codes.ts';
export * from './close-reason.ts';
export * from './error-frames.ts';
export * from './error-words.ts';
export * from './foreign-closes.ts';
export * from './handshake.ts';
export * from './query.ts';
export * from './request-signing.ts';
export * from './session-frames.ts';
export * from './slot.ts';
export * from './wire-limits.ts';
