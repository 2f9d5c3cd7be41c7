/**
 * Joins wire frames into messages and names every breach of RFC 6455 on the way. Decides nothing about the socket:
 * what follows a fault is the caller's.
 */
import { isUtf8 } from 'node:buffer';
import { CLOSE_ROWS, mayBeSent, NO_STATUS } from '../contract/index.ts';
import { OPCODES, type WireFrame } from './wire-frames.ts';

/** One whole message, as the other side sent it. */
export interface MockFrame {
  readonly kind: 'text' | 'binary';
  readonly payload: Buffer;
}

/** A breach of the protocol and the code that RFC 6455 7.4.1 gives it. */
export interface WireFault {
  readonly code: number;
  readonly problem: string;
}

export interface MessageListener {
  onMessage(message: MockFrame): void;
  onPing(payload: Buffer): void;
  onPong(payload: Buffer): void;
  onClose(code: number, reason: string): void;
  /** Called once; nothing follows. */
  onFault(fault: WireFault): void;
}

const breach = (problem: string): WireFault => ({ code: CLOSE_ROWS.ProtocolError.code, problem });
const badText = (problem: string): WireFault => ({ code: CLOSE_ROWS.BadPayload.code, problem });

export class MessageReader {
  readonly #listener: MessageListener;
  readonly #mustBeMasked: boolean;
  #kind: MockFrame['kind'] | undefined;
  #parts: Buffer[] = [];
  #isOver = false;

  /** `mustBeMasked` is true for a server and false for a client (RFC 6455 5.1). */
  constructor(mustBeMasked: boolean, listener: MessageListener) {
    this.#mustBeMasked = mustBeMasked;
    this.#listener = listener;
  }

  read(frame: WireFrame): void {
    if (this.#isOver) return;
    const fault = this.#faultOf(frame);
    if (fault) {
      this.#isOver = true;
      this.#listener.onFault(fault);
    } else if (frame.opcode >= OPCODES.close) {
      this.#readControl(frame);
    } else {
      this.#readData(frame);
    }
  }

  #faultOf(frame: WireFrame): WireFault | undefined {
    if (frame.masked !== this.#mustBeMasked)
      return breach(frame.masked ? 'a masked frame' : 'an unmasked frame');
    if (frame.rsv !== 0) return breach('reserved bits are set');
    if (!Object.values<number>(OPCODES).includes(frame.opcode)) return breach('an unknown opcode');
    if (frame.opcode >= OPCODES.close) return controlFaultOf(frame);
    const isContinuation = frame.opcode === OPCODES.continuation;
    if (isContinuation && !this.#kind) return breach('a continuation of nothing');
    return !isContinuation && this.#kind ? breach('a new message inside another') : this.#textFaultOf(frame);
  }

  #textFaultOf(frame: WireFrame): WireFault | undefined {
    const isText = frame.opcode === OPCODES.text || this.#kind === 'text';
    if (!isText || !frame.fin || isUtf8(Buffer.concat([...this.#parts, frame.payload]))) return undefined;
    return badText('text that is not UTF-8');
  }

  #readControl(frame: WireFrame): void {
    if (frame.opcode === OPCODES.ping) this.#listener.onPing(frame.payload);
    if (frame.opcode === OPCODES.pong) this.#listener.onPong(frame.payload);
    if (frame.opcode !== OPCODES.close) return;
    this.#isOver = true;
    const code = frame.payload.length < 2 ? NO_STATUS : frame.payload.readUInt16BE(0);
    this.#listener.onClose(code, frame.payload.subarray(2).toString('utf8'));
  }

  #readData(frame: WireFrame): void {
    this.#kind ??= frame.opcode === OPCODES.text ? 'text' : 'binary';
    this.#parts.push(frame.payload);
    if (!frame.fin) return;
    const message: MockFrame = { kind: this.#kind, payload: Buffer.concat(this.#parts) };
    this.#kind = undefined;
    this.#parts = [];
    this.#listener.onMessage(message);
  }
}

function controlFaultOf(frame: WireFrame): WireFault | undefined {
  if (!frame.fin) return breach('a fragmented control frame');
  if (frame.payload.length > 125) return breach('a control frame over 125 bytes');
  if (frame.opcode !== OPCODES.close || frame.payload.length === 0) return undefined;
  if (frame.payload.length === 1) return breach('a close frame with half a code');
  const code = frame.payload.readUInt16BE(0);
  if (!mayBeSent(code)) return breach(`the close code ${code}, which may not be sent`);
  return isUtf8(frame.payload.subarray(2)) ? undefined : badText('a close reason that is not UTF-8');
}
