/** Frame headers as bytes (RFC 6455 5.2): where a header ends, and whether it is legal. Pure. */
import { isUtf8 } from 'node:buffer';
import { mayBeSent } from '../contract/index.ts';
import type { LegFault } from '../leg/leg.ts';

export const OPCODE_CONTINUATION = 0x0;
export const OPCODE_TEXT = 0x1;
export const OPCODE_BINARY = 0x2;
export const OPCODE_CLOSE = 0x8;
export const OPCODE_PING = 0x9;
export const OPCODE_PONG = 0xa;

const FINAL_BIT = 0x80;
const RESERVED_BITS = 0x70;
const OPCODE_BITS = 0x0f;
const CONTROL_BIT = 0x08;
const MASK_BIT = 0x80;
const LENGTH_BITS = 0x7f;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const MASK_BYTES = 4;
export const MAX_CONTROL_PAYLOAD = 125;
const UINT32 = 0x1_0000_0000;

export function isControlByte(first: number): boolean {
  return (first & CONTROL_BIT) !== 0;
}

/** True when this frame is the last of its message. */
export function isFinalByte(first: number): boolean {
  return (first & FINAL_BIT) !== 0;
}

export function opcodeOf(first: number): number {
  return first & OPCODE_BITS;
}

/** Bytes of the header that starts at `at`, or 0 while the two bytes that tell are not there. */
export function headerSize(bytes: Buffer, at: number, end: number): number {
  if (end - at < 2) return 0;
  const second = bytes[at + 1] as number;
  const short = second & LENGTH_BITS;
  const extended = short === LENGTH_16 ? 2 : short === LENGTH_64 ? 8 : 0;
  return 2 + extended + ((second & MASK_BIT) === 0 ? 0 : MASK_BYTES);
}

/** Payload length that a whole header states; Infinity for one that no number holds exactly. */
export function payloadLength(bytes: Buffer, at: number): number {
  const short = (bytes[at + 1] as number) & LENGTH_BITS;
  if (short < LENGTH_16) return short;
  if (short === LENGTH_16) return bytes.readUInt16BE(at + 2);
  const high = bytes.readUInt32BE(at + 2);
  return high > 0x1f_ffff ? Infinity : high * UINT32 + bytes.readUInt32BE(at + 6);
}

/** What is illegal in a header's own bits, whatever came before it; undefined when nothing is. */
export function headerFault(bytes: Buffer, at: number, isMasked: boolean): LegFault | undefined {
  const first = bytes[at] as number;
  const second = bytes[at + 1] as number;
  if ((first & RESERVED_BITS) !== 0 || ((second & MASK_BIT) !== 0) !== isMasked) return 'ProtocolError';
  const short = second & LENGTH_BITS;
  const opcode = first & OPCODE_BITS;
  if ((first & CONTROL_BIT) !== 0) {
    const isKnown = opcode <= OPCODE_PONG;
    return isKnown && (first & FINAL_BIT) !== 0 && short <= MAX_CONTROL_PAYLOAD ? undefined : 'ProtocolError';
  }
  if (opcode > OPCODE_BINARY) return 'ProtocolError';
  // Lengths are minimal, and the top bit of the longest form is zero (RFC 6455 5.2).
  if (short === LENGTH_16) return bytes.readUInt16BE(at + 2) < LENGTH_16 ? 'ProtocolError' : undefined;
  if (short !== LENGTH_64) return undefined;
  const high = bytes.readUInt32BE(at + 2);
  if (high >= 0x8000_0000) return 'ProtocolError';
  return high === 0 && bytes.readUInt32BE(at + 6) < 0x1_0000 ? 'ProtocolError' : undefined;
}

/** A copy of a masked frame's payload without its mask; a view of an unmasked one's. */
export function controlPayload(frame: Buffer, isMasked: boolean): Buffer {
  if (!isMasked) return frame.subarray(2);
  const payload = Buffer.from(frame.subarray(2 + MASK_BYTES));
  applyMask(payload, frame.subarray(2, 2 + MASK_BYTES), 0);
  return payload;
}

/** Takes a mask off in place, or puts it on (RFC 6455 5.3); `position` is where in the frame's payload the bytes begin. */
export function applyMask(bytes: Buffer, key: Buffer, position: number): void {
  for (let at = 0; at < bytes.length; at += 1)
    bytes[at] = (bytes[at] as number) ^ (key[(position + at) & 3] as number);
}

/** What is illegal in the payload of a close frame (RFC 6455 5.5.1, 7.4). */
export function closeFault(payload: Buffer): LegFault | undefined {
  if (payload.length === 0) return undefined;
  if (payload.length === 1 || !mayBeSent(payload.readUInt16BE(0))) return 'ProtocolError';
  return isUtf8(payload.subarray(2)) ? undefined : 'BadPayload';
}
