/**
 * Shorthand for frames as bytes in tests of what reads and writes them, and ways to cut them. The bytes are those of the mocks,
 * and the `ws` package judges: neither shares code with src/frames.
 */
import fc from 'fast-check';
import * as ws from 'ws';
import { encodeFrame } from '../../src/testing/wire-frames.ts';

export const KEY = Buffer.from([0x1f, 2, 3, 0xf4]);

/** One frame by its first byte, whatever that is; masked when there is a key. */
export const frame = (first: number, payload: Buffer | string = '', key?: Buffer): Buffer =>
  encodeFrame({
    fin: (first & 0x80) !== 0,
    rsv: (first >> 4) & 7,
    opcode: first & 15,
    payload,
    mask: key ?? false,
  });

export const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

/** Cuts bytes at these places, each taken modulo the length. */
export function split(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = at.map((cut) => cut % (bytes.length + 1));
  const cuts = [...new Set([0, ...places, bytes.length])].toSorted((a, b) => a - b);
  return cuts.slice(1).map((cut, index) => bytes.subarray(cuts[index], cut));
}

/** What a reader on the `ws` package makes of a stream. */
export interface Verdict {
  readonly isRefused: boolean;
  readonly messages: { readonly payload: string; readonly isBinary: boolean }[];
  readonly controls: { readonly kind: 'ping' | 'pong'; readonly payload: string }[];
  readonly close: { readonly code: number; readonly reason: string } | undefined;
}

interface JudgeRules {
  /** Whether the stream must be masked. */
  readonly isMasked: boolean;
  readonly checksUtf8?: boolean;
  readonly maxBytes?: number;
}

// The declarations of the package leave its frame parser out.
const { Receiver } = ws as unknown as { Receiver: new (options: object) => NodeJS.WritableStream };

/** Has the `ws` package read a stream. Payloads are told in latin1, so that each byte can be seen. */
export async function judge(
  bytes: Buffer,
  { isMasked, checksUtf8 = true, maxBytes = 1_000_000 }: JudgeRules,
): Promise<Verdict> {
  const receiver = new Receiver({
    isServer: isMasked,
    maxPayload: maxBytes,
    skipUTF8Validation: !checksUtf8,
    allowSynchronousEvents: true,
  });
  const messages: Verdict['messages'] = [];
  const controls: Verdict['controls'] = [];
  let close: Verdict['close'];
  receiver.on('message', (payload: Buffer, isBinary: boolean) =>
    messages.push({ payload: payload.toString('latin1'), isBinary }),
  );
  for (const kind of ['ping', 'pong'] as const)
    receiver.on(kind, (payload: Buffer) => controls.push({ kind, payload: payload.toString('latin1') }));
  receiver.on('conclude', (code: number, reason: Buffer) => (close = { code, reason: reason.toString() }));
  receiver.on('error', () => undefined);
  const isRefused = await new Promise<boolean>((resolve) => {
    receiver.write(bytes, (error) => resolve(error !== null && error !== undefined));
  });
  return { isRefused, messages, controls, close };
}

/** Any places to cut at; many of them near each other, so that headers are cut too. */
export const anyCuts: fc.Arbitrary<number[]> = fc.oneof(
  fc.array(fc.nat(), { maxLength: 20 }),
  fc.nat().map((at) => Array.from({ length: 40 }, (_, step) => at + step)),
);

/** A legal stream's next step: a control frame, or a message in fragments with control frames between them. */
export interface MessageShape {
  readonly isText: boolean;
  readonly fragments: readonly Buffer[];
  /** Whether a ping stands before each fragment but the first. */
  readonly isInterrupted: boolean;
}

export function messageBytes({ isText, fragments, isInterrupted }: MessageShape, key?: Buffer): Buffer {
  const parts = fragments.flatMap((fragment, index) => {
    const opcode = index > 0 ? 0 : isText ? 1 : 2;
    const isLast = index === fragments.length - 1;
    const one = frame(opcode | (isLast ? 0x80 : 0), fragment, key);
    return index > 0 && isInterrupted ? [frame(0x89, 'between', key), one] : [one];
  });
  return Buffer.concat(parts);
}

/** Any legal message; its text may be cut inside a character, and begin with the mark of session mode. */
export const anyMessage: fc.Arbitrary<MessageShape> = fc
  .record({
    isText: fc.boolean(),
    isMarked: fc.boolean(),
    text: fc.string({ unit: 'grapheme', maxLength: 200 }),
    cuts: fc.array(fc.nat(), { maxLength: 3 }),
    isInterrupted: fc.boolean(),
  })
  .map(({ isText, isMarked, text, cuts, isInterrupted }) => {
    const payload = Buffer.from(isMarked ? `\u0001${text}` : text);
    const fragments = payload.length === 0 ? [payload] : split(payload, cuts);
    return {
      isText,
      fragments: cuts.includes(0) ? [Buffer.alloc(0), ...fragments] : fragments,
      isInterrupted,
    };
  });
