/** Frames of our own as bytes (RFC 6455 5.2). With a key they are masked, as what goes to a server must be. */
import { Buffer } from 'node:buffer';
import {
  applyMask,
  OPCODE_BINARY,
  OPCODE_CLOSE,
  OPCODE_PING,
  OPCODE_PONG,
  OPCODE_TEXT,
} from './frame-header.ts';

const FINAL = 0x80;
const MASKED = 0x80;
const LENGTH_16 = 126;
const LENGTH_64 = 127;
const NOTHING = Buffer.alloc(0);

export function textFrame(text: string | Buffer, key?: Buffer): Buffer {
  return frame(OPCODE_TEXT, typeof text === 'string' ? Buffer.from(text) : text, key);
}

export function binaryFrame(payload: Buffer, key?: Buffer): Buffer {
  return frame(OPCODE_BINARY, payload, key);
}

export function pingFrame(payload: Buffer, key?: Buffer): Buffer {
  return frame(OPCODE_PING, payload, key);
}

export function pongFrame(payload: Buffer, key?: Buffer): Buffer {
  return frame(OPCODE_PONG, payload, key);
}

/** Empty without a code. The reason must fit a control frame; see close-reason.ts in the contract. */
export function closeFrame(code?: number, reason = '', key?: Buffer): Buffer {
  if (code === undefined) return frame(OPCODE_CLOSE, NOTHING, key);
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return frame(OPCODE_CLOSE, payload, key);
}

function frame(opcode: number, payload: Buffer, key?: Buffer): Buffer {
  const { length } = payload;
  const lengthBytes = length < LENGTH_16 ? 0 : length <= 0xffff ? 2 : 8;
  const start = 2 + lengthBytes + (key ? key.length : 0);
  const bytes = Buffer.allocUnsafe(start + length);
  bytes[0] = FINAL | opcode;
  bytes[1] = (key ? MASKED : 0) | (lengthBytes === 0 ? length : lengthBytes === 2 ? LENGTH_16 : LENGTH_64);
  if (lengthBytes === 2) bytes.writeUInt16BE(length, 2);
  if (lengthBytes === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
  payload.copy(bytes, start);
  if (key) {
    key.copy(bytes, 2 + lengthBytes);
    applyMask(bytes.subarray(start), key, 0);
  }
  return bytes;
}
