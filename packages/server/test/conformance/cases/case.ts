/**
 * What a conformance case is: what one side sends, and what must follow at both. Data only; play.ts carries it out, in
 * either role, so nothing here says who is the client.
 */
import type { CloseName } from '../../../src/contract/index.ts';
import { encodeClose, type FrameShape, OPCODES } from '../../../src/testing/wire-frames.ts';

/** One frame, or bytes that are none. Masked as the sender's role demands, unless a field says otherwise. */
export interface Sent extends FrameShape {
  /** Masks where none may be and leaves the mask out where one must be (RFC 6455 5.1). */
  readonly isMaskedWrongly?: boolean;
  /** The length field as it stands, in place of the shortest one that fits; the mask bit is added. */
  readonly lengthField?: readonly number[];
  /** Behind this frame, wait until every ping so far has been answered. */
  readonly awaitsPongs?: boolean;
}

/** How a case ends. */
export type Ending =
  /** The session goes on: the player closes it, and everything has come before that. */
  | { readonly kind: 'open' }
  /** The player breaks the protocol and is told so with this row. */
  | { readonly kind: 'breach'; readonly row: CloseName }
  /** The player's own close, which is among what it sends, reaches the other side; undefined is a close without a code. */
  | { readonly kind: 'closed'; readonly code: number | undefined; readonly reason: string };

export interface Expectation {
  /** The frames that the other side receives, exactly these and in this order. */
  readonly passes: readonly FrameShape[];
  readonly ending: Ending;
}

export interface ConformanceCase {
  /** Its numbers in the public list of cases; empty for one of our own. */
  readonly ids: readonly string[];
  readonly title: string;
  readonly sends: readonly Sent[];
  /**
   * How the bytes are cut into writes: `whole` is one, `frames` one for each frame, a number so many octets each, and a
   * list cuts the first frame at these places of its payload. Default `whole`.
   */
  readonly chop?: 'whole' | 'frames' | number | readonly number[];
  /** Each frame is sent when the echo of the one before it is back. */
  readonly isLockstep?: boolean;
  /** With legs that copy bytes, on a route that opens no payload. */
  readonly bytes: Expectation;
  /** What differs, legitimately, with legs that take messages apart. */
  readonly messages?: Partial<Expectation>;
  /** What differs on a route that opens text messages. */
  readonly opened?: Partial<Expectation>;
  /** On an opened route that checks text as it comes, this many writes are enough for the breach. */
  readonly writesUntilFault?: number;
}

export const OPEN: Ending = { kind: 'open' };

export const breach = (row: CloseName = 'ProtocolError'): Ending => ({ kind: 'breach', row });

export const text = (payload: Buffer | string = '', more: Partial<Sent> = {}): Sent => ({
  opcode: OPCODES.text,
  payload,
  ...more,
});

export const binary = (payload: Buffer | string = '', more: Partial<Sent> = {}): Sent => ({
  opcode: OPCODES.binary,
  payload,
  ...more,
});

export const continuation = (payload: Buffer | string = '', more: Partial<Sent> = {}): Sent => ({
  opcode: OPCODES.continuation,
  payload,
  ...more,
});

export const ping = (payload: Buffer | string = '', more: Partial<Sent> = {}): Sent => ({
  opcode: OPCODES.ping,
  payload,
  ...more,
});

export const pong = (payload: Buffer | string = '', more: Partial<Sent> = {}): Sent => ({
  opcode: OPCODES.pong,
  payload,
  ...more,
});

export const close = (code?: number, reason: Buffer | string = ''): Sent => ({
  opcode: OPCODES.close,
  payload: encodeClose(code, reason),
});

/** A message in fragments of the sizes given, or of one size. */
export function fragments(kind: 'text' | 'binary', payload: Buffer, size: number): Sent[] {
  const count = Math.max(1, Math.ceil(payload.length / size));
  return Array.from({ length: count }, (_, at) => ({
    opcode: at === 0 ? OPCODES[kind] : OPCODES.continuation,
    payload: payload.subarray(at * size, (at + 1) * size),
    fin: at === count - 1,
  }));
}

/** A case in which all that is sent is legal and passes as it came. */
export function passesAll(
  ids: readonly string[],
  title: string,
  sends: readonly Sent[],
  more: Partial<ConformanceCase> = {},
): ConformanceCase {
  return { ids, title, sends, bytes: { passes: sends, ending: OPEN }, ...more };
}

/** A case in which the first `legal` frames pass, the next one is a breach, and what follows is dropped. */
export function breaks(
  ids: readonly string[],
  title: string,
  [legal, ...illegal]: readonly [readonly Sent[], ...Sent[]],
  more: Partial<ConformanceCase> = {},
): ConformanceCase {
  return {
    ids,
    title,
    sends: [...legal, ...illegal],
    bytes: { passes: legal, ending: breach() },
    ...more,
  };
}
