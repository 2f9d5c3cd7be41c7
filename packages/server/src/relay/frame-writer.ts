/** Frames of our own as bytes (RFC 6455 5.2), for the moments at which no WebSocket object exists. Unmasked: server to client. */
import { Buffer } from 'node:buffer';

const TEXT_OPCODE = 0x1;
const CLOSE_OPCODE = 0x8;
const FINAL = 0x80;

export function textFrame(text: string): Buffer {
  return frame(TEXT_OPCODE, Buffer.from(text));
}

/** The reason must fit a control frame; see close-reason.ts in the contract. */
export function closeFrame(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
  payload.writeUInt16BE(code);
  payload.write(reason, 2);
  return frame(CLOSE_OPCODE, payload);
}

function frame(opcode: number, payload: Buffer): Buffer {
  return Buffer.concat([header(opcode, payload.length), payload]);
}

function header(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([FINAL | opcode, length]);
  const extended = Buffer.alloc(4);
  extended.writeUInt8(FINAL | opcode);
  extended.writeUInt8(126, 1);
  extended.writeUInt16BE(length, 2);
  return extended;
}
