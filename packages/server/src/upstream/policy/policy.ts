/**
 * What the text messages of a route may say, as data. A route without policy passes messages unopened; nothing here is enforced
 * by this file. Binary messages, audio, are never opened: they pass untouched, or not at all (`onlyText`).
 */
import type { Secret } from '../secret.ts';
import type { OpeningAnswers } from './opening.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** JSON in which a `Secret` may stand for a text: written in the clear into what the provider gets, redacted anywhere else. */
export type ServerValue =
  JsonValue | Secret | readonly ServerValue[] | { readonly [name: string]: ServerValue };

/**
 * A place in a message: `session.tools[*].server_url`. Names are compared with their case; `[*]` is each element of a list, `*` each
 * member of an object. A list on the way of a name stands for each of its elements, so that `agent.think.endpoint` is found in
 * an `agent.think` of either shape.
 */
export type JsonPath = string;

/** A place in messages of some types. */
export interface Place {
  readonly types: readonly string[];
  readonly path: JsonPath;
  /** Written even where the client's message does not have it. Default false: only what is there is replaced. */
  readonly always?: boolean | undefined;
}

/** Something that vendors let clients set, in all its spellings, and where they repeat it. */
export interface PolicyField {
  readonly sent: readonly Place[];
  /** Blanked on its way to the browser when the field is locked. */
  readonly echoed?: readonly Place[] | undefined;
}

/** Rules for messages of some types. A breach of `deny`, `values` or `only` refuses the whole message. */
export interface MessageRule {
  /** Types of client messages that are concerned; `'*'` for all. */
  readonly types: readonly string[] | '*';
  /** Refused when they are there. A member that is null says nothing, and is removed. */
  readonly deny?: readonly JsonPath[] | undefined;
  /** What a place may hold, where it is there. */
  readonly values?: Readonly<Record<JsonPath, readonly (string | number | boolean | null)[]>> | undefined;
  /**
   * What an object may hold: paths below it, such as `{ conversation_config_override: ['agent.language', 'tts.{}'] }`, where `{}` stands for an
   * object without members; `''` is the message.
   */
  readonly only?: Readonly<Record<JsonPath, readonly JsonPath[]>> | undefined;
  /** Always the server's value, made where it is missing. Without wildcards. */
  readonly pin?: Readonly<Record<JsonPath, JsonValue>> | undefined;
  /** The server's value wherever the client sent one. */
  readonly replace?: Readonly<Record<JsonPath, JsonValue>> | undefined;
  /** Like `pin`, after everything else, and with secrets; they are searched for in what comes back. Without wildcards. */
  readonly inject?: Readonly<Record<JsonPath, ServerValue>> | undefined;
}

/** How a provider asks for the call of a tool, and how a client answers. */
export interface ToolCalls {
  /** `at` leads to the objects that ask; `id` and `name` are their members. */
  readonly asked: {
    readonly types: readonly string[];
    readonly at: JsonPath;
    readonly id: string;
    readonly name: string;
  };
  /** Where a client names the call that it answers. */
  readonly answered: readonly Place[];
}

/** Which model a client may name inside a message. Any other ends the session with `PolicyViolation`, for it has its price. */
export interface ModelRule {
  readonly places: readonly Place[];
  /** The models that may be named. Default: the one of the upstream's query. */
  readonly names?: readonly string[] | undefined;
  /** Query parameters of the upstream in which the model was authorised. */
  readonly query?: readonly string[] | undefined;
}

export interface MessagePolicy {
  /** The member that names a message's type. Default `type`. */
  readonly typeMember?: string | undefined;
  /** Members that stand for a type in messages that have none, such as ElevenLabs' `user_audio_chunk`. */
  readonly untyped?: readonly string[] | undefined;
  /**
   * Whether clients may send texts only; a binary message closes with `KindDenied`. For providers that have no others: one that reads JSON of
   * either kind would take in a binary message what no rule has seen. Default false.
   */
  readonly onlyText?: boolean | undefined;
  /** Types that clients may send. Default: all. */
  readonly types?: readonly string[] | undefined;
  /** A message of another type: told and dropped, or the end of the session with `PolicyViolation`. Default `tell`. */
  readonly onOtherType?: 'tell' | 'close' | undefined;
  /** Any other refused message, unreadable ones included: the same choice. Default `tell`. */
  readonly onBreach?: 'tell' | 'close' | undefined;
  /**
   * The types with which a session has to open while something is locked; what comes before is a message of another type. Stops
   * clients that leave the locked message out. Default: any.
   */
  readonly opensWith?: readonly string[] | undefined;
  /**
   * How the provider answers an opening message. What follows it waits for the answer, for `limits.hookTimeoutMs` at most, and a refused one
   * opens nothing. Default: a session is open when the message is on its way.
   */
  readonly openingAnswers?: OpeningAnswers | undefined;
  readonly rules?: readonly MessageRule[] | undefined;
  /** What can be locked, by name. */
  readonly fields?: Readonly<Record<string, PolicyField>> | undefined;
  /** Fields that the server decides, in every spelling, in the first message and in later ones. */
  readonly locked?: Readonly<Record<string, ServerValue>> | undefined;
  readonly model?: ModelRule | undefined;
  readonly toolCalls?: ToolCalls | undefined;
  /** The tools that run in the client: results are refused for others, and for calls that nobody asked for. Default: any. */
  readonly clientTools?: readonly string[] | undefined;
  /** Blanked in what the provider sends. */
  readonly blank?: readonly Place[] | undefined;
  /** Whether texts of the provider are searched for the route's key and the injected secrets. Default true. */
  readonly redactKeys?: boolean | undefined;
}
