/**
 * Session mode: how a client asks for it in the upgrade's query, and the control frames by which both ends count, acknowledge
 * and resume. A control frame is a text frame that begins with a byte that JSON cannot begin with; PROTOCOL.md has the rules.
 */

/** The query parameter that asks for session mode. Servers that do not know it ignore it. */
export const SESSION_QUERY = 'vp';
export const SESSION_VERSION = 1;
/** The first byte of every control frame. */
export const CONTROL_BYTE = 0x01;
const CONTROL_MARK = String.fromCharCode(CONTROL_BYTE);

/** A session that a client wants to go on with, and how many messages of it the client has. */
export interface ResumeRequest {
  readonly id: string;
  readonly received: number;
}

export interface SessionRequest {
  /** Absent when a new session is asked for. */
  readonly resume?: ResumeRequest;
}

/** The answer to a resume that was not possible; a new session begins behind it. The counts are those of the old session. */
export interface Reset {
  /** `unknown`: there is no such session here; `lost`: it is there, but not all of what was missed. */
  readonly cause: 'unknown' | 'lost';
  /** Messages of the client that the server took; absent when the session is unknown. */
  readonly received?: number;
  /** Messages that the server had for the client. */
  readonly sent?: number;
}

export interface HelloFrame {
  readonly type: 'hello';
  readonly version: number;
  /** The id to resume with; each hello brings a new one. */
  readonly id: string;
  /** Messages of the client that the server has taken; those after them are to be sent again. */
  readonly received: number;
  readonly resumed: boolean;
  /** How long the server holds a session whose client has vanished, in milliseconds. */
  readonly hold_ms: number;
  /** Each end acknowledges at the latest after this time, or after this many bytes. */
  readonly ack_ms: number;
  readonly ack_bytes: number;
  readonly reset?: Reset;
}

/** Messages that the sender of the frame has taken so far, control frames not counted. */
export interface AckFrame {
  readonly type: 'ack';
  readonly received: number;
}

/** A control frame as it came: only its type is known. */
export interface ControlFrame {
  readonly type: string;
  readonly [field: string]: unknown;
}

export type ServerControl = HelloFrame | AckFrame;
export type ClientControl = AckFrame;

const RESUME_ID = /^[A-Za-z0-9_-]{16,64}$/;
const COUNT = /^\d{1,15}$/;

/** The value of the query parameter. */
export function toSessionQuery(resume?: ResumeRequest): string {
  return resume ? `${SESSION_VERSION}.${resume.id}.${resume.received}` : String(SESSION_VERSION);
}

/** Undefined for a value that does not ask for this version of session mode; it then means nothing to us. */
export function readSessionQuery(value: string): SessionRequest | undefined {
  const [version, id, received, ...more] = value.split('.');
  if (version !== String(SESSION_VERSION) || more.length > 0) return undefined;
  if (id === undefined) return {};
  if (!RESUME_ID.test(id) || !COUNT.test(received ?? '')) return undefined;
  return { resume: { id, received: Number(received) } };
}

export function toControlFrame(frame: ServerControl | ClientControl): string {
  return CONTROL_MARK + JSON.stringify(frame);
}

/** True when a text message is a control frame. */
export function isControlFrame(text: string): boolean {
  return text.startsWith(CONTROL_MARK);
}

/** A control frame's content; undefined for one that cannot be read. Types that are not known are the caller's to ignore. */
export function readControlFrame(text: string): ControlFrame | undefined {
  try {
    const value: unknown = JSON.parse(text.slice(CONTROL_MARK.length));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return typeof Reflect.get(value, 'type') === 'string' ? (value as ControlFrame) : undefined;
  } catch {
    return undefined;
  }
}
