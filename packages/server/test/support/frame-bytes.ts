/** Frames as bytes for tests of the relay, written independently of the code under test, and ways to cut them. */
import fc from 'fast-check';
import * as ws from 'ws';

export const KEY = Buffer.from([0x1f, 2, 3, 0xf4]);

/** One frame by its first byte; masked when there is a key. Nothing is checked. */
export function frame(first: number, payload: Buffer | string = '', key?: Buffer): Buffer {
  const bytes = Buffer.from(payload);
  const maskBit = key ? 0x80 : 0;
  const { length } = bytes;
  const head = [first, maskBit | (length < 126 ? length : length < 65_536 ? 126 : 127)];
  if (length >= 65_536) head.push(0, 0, 0, 0, length >>> 24, (length >> 16) & 255);
  if (length >= 126) head.push((length >> 8) & 255, length & 255);
  if (!key) return Buffer.concat([Buffer.from(head), bytes]);
  const masked = Buffer.from(bytes.map((byte, at) => byte ^ (key[at & 3] as number)));
  return Buffer.concat([Buffer.from(head), key, masked]);
}

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
