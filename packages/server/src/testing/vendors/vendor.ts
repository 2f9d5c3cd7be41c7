/**
 * What a vendor is to a mock: its services with their rules as data, and what it says. A further vendor is one file that
 * fills these types and a row in index.ts.
 */
import type { HttpAnswer } from '../http-answers.ts';
import type { MockFrame } from '../message-reader.ts';
import type { MockRequest } from '../mock-request.ts';
import type { CredentialSlot } from '../rules/credential-slots.ts';
import type { QueryRules } from '../rules/query-rules.ts';
import type { Entry } from '../upgrade-request.ts';

/** What is said in a turn. Every vendor puts it into its own messages. */
export interface Turn {
  /** What was understood in audio, and the transcript of services that only transcribe. */
  readonly userText: string;
  readonly assistantText: string;
  /** Messages with audio until a turn begins, or until a result is final. */
  readonly audioFrames: number;
  /** The audio of an answer, one message each. */
  readonly answer: readonly Buffer[];
}

/** A text message, or a binary one. */
export type Payload = string | Buffer;

/** Something to send; `part` marks the messages of which an answer consists, `close` ends the session. */
export type Step = Payload | { readonly part: Payload } | { readonly close: number };

/** One session's conversation: what is sent at once, and what each message is answered with. */
export interface Conversation {
  readonly greeting: readonly Payload[];
  readonly reply: (frame: MockFrame) => readonly Step[];
}

export interface ConverseInput {
  /** The number of the session, for fixed ids. */
  readonly id: number;
  readonly request: MockRequest;
  readonly turn: Turn;
}

/** What is wrong with a request, in words that hold no value; undefined for nothing. */
export type JudgeRequest = (request: MockRequest) => string | undefined;

interface ServiceRules {
  readonly path: string;
  /** Names of the vendor's slots that the service takes. */
  readonly slots: readonly string[];
  /** Slots that it takes only when the mock's `auth` asks for them. */
  readonly slotsOnRequest?: readonly string[];
  readonly query: QueryRules;
  /** Header names beyond those of every request and of the slots. */
  readonly headers?: readonly string[];
  /** What no list can say about a request and its `slot`. */
  readonly judge?: JudgeRequest;
}

/** A service over a WebSocket. */
export interface SocketService extends ServiceRules {
  readonly kind: 'upgrade';
  /** Subprotocols that may be offered and are no credentials, also with `*` at the end; the first one offered is selected. */
  readonly subprotocols?: readonly string[];
  /** The kind of frame of which its server messages mostly consist. */
  readonly kindOfFrames: MockFrame['kind'];
  /** What is wrong with the message number `index`, counting from 0; undefined when the vendor documents it. */
  readonly judgeFrame: (frame: MockFrame, index: number) => string | undefined;
  readonly converse: (input: ConverseInput) => Conversation;
}

/** A complete answer. A body in parts is streamed, one part at a time. */
export interface CallAnswer {
  readonly status: number;
  readonly headers: readonly Entry[];
  readonly body: Payload | readonly string[];
}

export interface AnswerCallInput {
  /** The number of the call, for fixed ids. */
  readonly id: number;
  readonly request: MockRequest;
  readonly turn: Turn;
  /** `host:port` of the mock. */
  readonly host: string;
  /** True when the mock speaks TLS. */
  readonly isSecure: boolean;
  /** Makes a short-lived credential that the mock will take. */
  readonly issue: (prefix: string) => string;
}

/** A service over HTTP. */
export interface CallService extends ServiceRules {
  readonly kind: 'call';
  readonly method: 'GET' | 'POST';
  /** What the content type must look like; undefined for a service that takes no body. */
  readonly contentType?: RegExp;
  /** Bytes of a body that are taken. Default 16 MiB; more is answered with 413. */
  readonly maxBodyBytes?: number;
  /** What is wrong with a body. */
  readonly judgeBody?: JudgeRequest;
  readonly answer: (input: AnswerCallInput) => CallAnswer;
}

export type MockServiceRules = SocketService | CallService;

/** Why an error message is sent over an open socket. */
export type ErrorReason = 'auth' | 'request';

export interface MockVendor<Service extends string = string> {
  readonly title: string;
  readonly slots: Readonly<Record<string, CredentialSlot>>;
  readonly services: Readonly<Record<Service, MockServiceRules>>;
  /** An error as a message of an open session. */
  readonly errorMessage: (reason: ErrorReason, message: string) => string;
  /** An error as an HTTP answer, to an upgrade or to a call. */
  readonly errorAnswer: (status: number, message: string) => HttpAnswer;
  /** A header of error answers in which a vendor may repeat what it was given. */
  readonly errorHeader: string;
}
