/** What people read: one sentence for each close row, fixed, so that nothing from an upstream or an exception gets out. */
import type { CloseName } from './close-codes.ts';

export const ERROR_MESSAGES: Readonly<Record<CloseName, string>> = {
  IdleTimeout: 'The session ended because nothing was sent for too long.',
  SessionLimit: 'The session reached its longest allowed time.',
  AuthRequired: "A token is required: in the URL as ?token=, or where the provider's SDK takes its key.",
  AuthInvalid: 'The token was not accepted. Sign in again to get a new one.',
  AuthExpired: 'The token has expired. Ask for a new one and connect again.',
  OriginDenied: 'Pages of this origin may not connect.',
  BadRequest: 'The request is malformed.',
  PolicyViolation: 'The request asks for something that is not allowed here.',
  BudgetSpent: 'The budget for this period is spent.',
  ProtocolError: 'The WebSocket protocol was violated.',
  KindDenied: 'This kind of message is not accepted here.',
  BadPayload: 'A text message was not valid UTF-8.',
  TooLarge: 'The message is larger than this server accepts.',
  RateLimited: 'Too many requests. Wait before you try again.',
  TooManySessions: 'Too many sessions are open at once.',
  AuthUnavailable: 'The token could not be checked right now. Try again.',
  UpstreamAuth: 'The provider refused the server. Its operator has to check the key.',
  UpstreamUnavailable: 'The connection to the provider failed or was lost.',
  UpstreamTimeout: 'The provider did not answer in time.',
  Stalled: 'The connection was too slow to keep up.',
  Internal: 'The server failed. The session id finds the cause in its log.',
  Draining: 'The server is restarting. Connect again.',
};

/** Codes of error frames for a message that was refused while its session goes on. The first is Deepgram's own word. */
export const MESSAGE_REFUSALS = {
  otherType: 'disallowed_client_message_type',
  unreadable: 'invalid_message',
} as const;
