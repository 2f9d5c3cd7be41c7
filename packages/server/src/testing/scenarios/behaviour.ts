/** What a scenario is made of: how it answers a request, and what it does once a session or an exchange is open. */
import type { HttpAnswer } from '../http-answers.ts';
import type { MockExchange } from '../mock-exchange.ts';
import type { MockRequest } from '../mock-request.ts';
import type { MockSession } from '../mock-session.ts';
import type { MockVendor } from '../vendors/vendor.ts';

/** What a session does once it is open. Called before any other byte is read; a rejection is a violation. */
export type Play = (session: MockSession) => void | Promise<void>;

/** What a call is answered with, once its body is there; a rejection is a violation. */
export type Respond = (exchange: MockExchange) => void | Promise<void>;

/** What an answer may depend on. */
export interface AnswerInput {
  readonly request: MockRequest;
  readonly secret: string;
  readonly vendor: Pick<MockVendor, 'errorAnswer' | 'errorHeader'>;
}

/** How a request with the right secret is answered. */
export type RequestAnswer =
  /** Completes the handshake of an upgrade and selects a subprotocol, or none. Nothing special for a call. */
  | { readonly kind: 'accept'; readonly subprotocol: string | undefined }
  /** Goes on only when the mock is told to `release()`, or after the delay in milliseconds. */
  | { readonly kind: 'hold'; readonly delayMs: number }
  /** Reads the request and says nothing, for as long as the peer stays. */
  | { readonly kind: 'silence' }
  | { readonly kind: 'http'; readonly answer: HttpAnswer }
  /** Sends these bytes in place of an HTTP answer, and ends. */
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

export interface Behaviour {
  /** Default: accepts, selecting what the vendor selects. */
  readonly answer?: (input: AnswerInput) => RequestAnswer;
  /** Default: nothing is sent. */
  readonly play?: Play;
  /** Default: what the vendor answers. */
  readonly respond?: Respond;
  /** Default true. */
  readonly answersClose?: boolean;
  /** False leaves the body of a call unread until `release()`. Default true. */
  readonly readsBody?: boolean;
  /** False takes any frames. Default true: they must be such as the vendor documents. */
  readonly judgesFrames?: boolean;
}
