/** What a scenario is made of: how it answers the upgrade, and what it does once the session is open. */
import type { HttpAnswer } from '../http-answers.ts';
import type { MockSession } from '../mock-session.ts';
import type { UpgradeRequest } from '../upgrade-request.ts';

/** What a session does once it is open. Called before any other byte is read; a rejection is a violation. */
export type Play = (session: MockSession) => void | Promise<void>;

/** What an answer may depend on. */
export interface AnswerInput {
  readonly request: UpgradeRequest;
  readonly secret: string;
}

/** How an upgrade with the right secret is answered. */
export type UpgradeAnswer =
  /** Completes the handshake and selects a subprotocol, or none. */
  | { readonly kind: 'accept'; readonly subprotocol: string | undefined }
  /** The same, but only when the mock is told to `release()`, or after the delay in milliseconds. */
  | { readonly kind: 'hold'; readonly delayMs: number }
  /** Reads the request and says nothing, for as long as the peer stays. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'http'; readonly answer: HttpAnswer }
  /** Sends these bytes in place of an HTTP answer, and ends. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

export interface Behaviour {
  /** Default: accepts, selecting `token` if it was offered. */
  readonly answer?: (input: AnswerInput) => UpgradeAnswer;
  /** Default: nothing is sent. */
  readonly play?: Play;
  /** Default true. */
  readonly answersClose?: boolean;
  /** False takes any first frame. Default true: it must be one that the vendor documents. */
  readonly judgesFirstFrame?: boolean;
}
