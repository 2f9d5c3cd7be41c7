/**
 * How a provider's REST API is addressed, and which of its calls may be made: data, read by the code that passes requests on.
 * What is not written here does not pass: no other path, header or body.
 */
import type { HandshakeSlot } from '../contract/index.ts';
import type { Grade, QueryRules } from './preset.ts';
import type { JsonPath, JsonValue } from './policy/policy.ts';
import type { MessageUsage } from './vendor-facts.ts';

/** The shape in which a provider's clients read errors. */
export type FaultDialect = 'anthropic' | 'openai' | 'deepgram' | 'elevenlabs' | 'plain';

/** The places that have to be there, by the value of another. */
export type RequiredByValue = Readonly<Record<string, readonly JsonPath[]>>;

/** What a JSON body may say. A member that breaks a rule refuses the request and is named in the answer. */
export interface JsonRules {
  /** What an object may hold, as paths below it; `''` is the body itself. Default: anything. */
  readonly only?: Readonly<Record<JsonPath, readonly JsonPath[]>> | undefined;
  /** Refused when they are there and not null. */
  readonly deny?: readonly JsonPath[] | undefined;
  /** What a place may hold, where it is there. */
  readonly values?: Readonly<Record<JsonPath, readonly (string | number | boolean | null)[]>> | undefined;
  /** The values of a place, as in `QueryRules.listed`, where it is there. Without wildcards; through lists, every element's. */
  readonly listed?: Readonly<Record<JsonPath, readonly string[]>> | undefined;
  /** Places that have to be there. Without wildcards; through lists, in every element. */
  readonly required?: readonly JsonPath[] | undefined;
  /**
   * What has to be there by the value of a place, such as `{ 'session.type': { realtime: ['session.model'] } }`. The place has to be there
   * itself, with one of these values. Without wildcards; through lists, in every element.
   */
  readonly requiredBy?: Readonly<Record<JsonPath, RequiredByValue>> | undefined;
  /** The most that a number may be, which it is where the client does not say it. Without wildcards; through lists, in every element. */
  readonly most?: Readonly<Record<JsonPath, number>> | undefined;
  /** Always this value. Without wildcards. */
  readonly pin?: Readonly<Record<JsonPath, JsonValue>> | undefined;
}

export type ApiBody =
  /** Read whole, judged, and written anew from what was judged. */
  | { readonly kind: 'json'; readonly maxBytes: number; readonly rules: JsonRules }
  /** Passed on as it comes. `types` are media types, `audio/*` all that begin so; without a type it counts as the first one. */
  | { readonly kind: 'stream'; readonly maxBytes: number; readonly types: readonly string[] };

/** A form (RFC 7578), read whole, judged as one object of its fields, and written anew. */
export interface ApiForm {
  readonly maxBytes: number;
  /** The media type that the provider wants each field in. Those of `application/json` are objects, all others texts. None may come twice. */
  readonly fields: Readonly<Record<string, string>>;
  readonly rules: JsonRules;
  /** In place of the call's. */
  readonly query: QueryRules;
}

/** One call that may be made. */
export interface ApiCall {
  readonly method: 'GET' | 'POST';
  /** Behind the base URL. `{name}` stands for a name that the client fills in: letters, digits, dots, `_` and `-`, at most 64. */
  readonly path: string;
  readonly query: QueryRules;
  readonly body?: ApiBody | undefined;
  /** What clients may send instead of a body that passes as it comes. */
  readonly form?: ApiForm | undefined;
  /** Values that a variable of the path may have, as in `QueryRules.listed`. Default: any name. */
  readonly listed?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Media types of good answers, `audio/*` for all that begin so; an answer of another type is not passed on. */
  readonly answers: readonly string[];
  /** Where good answers, or the events that they are made of, tell of their use, for the log. Each states all of it so far. Default: nowhere. */
  readonly usage?: readonly MessageUsage[] | undefined;
  readonly limits: {
    /** From the end of the request to the head of the answer, in milliseconds. */
    readonly answerMs: number;
    /** For all of the answer, in milliseconds. */
    readonly totalMs: number;
    /** Longest answer, in bytes. */
    readonly maxBytes: number;
  };
}

export interface HttpApi {
  readonly id: string;
  /** Name for people. */
  readonly title: string;
  readonly grade: Grade;
  /** What stands before the paths of the calls. `https:`, or `http:` on loopback. */
  readonly baseUrl: string;
  /** The header in which the real key goes. */
  readonly upstreamAuth: Extract<HandshakeSlot, { in: 'header' }>;
  /** Where this provider's SDK puts its key, and our user's token is found. In order of priority. */
  readonly clientCredential: readonly HandshakeSlot[];
  /** Sent with every call, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent where the client does not send them. They pass. */
  readonly defaultHeaders?: Readonly<Record<string, string>> | undefined;
  /** Headers of requests that pass beside those of the body, in lower case. */
  readonly requestHeaders?: readonly string[] | undefined;
  /** Headers of answers that pass beside those of the body, in lower case. Pages may read them. `location` passes without its host. */
  readonly answerHeaders?: readonly string[] | undefined;
  readonly dialect: FaultDialect;
  readonly calls: Readonly<Record<string, ApiCall>>;
}
