/** Scenarios about what is sent: far too much, in one frame or in many, illegal bytes, and frames that hold the secret. */
import type { MockExchange } from '../mock-exchange.ts';
import type { MockSession } from '../mock-session.ts';
import { encodeFrame, OPCODES } from '../wire-frames.ts';
import type { Entry } from '../upgrade-request.ts';
import type { Behaviour } from './behaviour.ts';
import { type EndingParameters, moment } from './endings.ts';
import { fillSecret } from './placeholders.ts';
import { vendorAnswer } from './turns.ts';

const MEBIBYTE = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

export interface FloodParameters extends EndingParameters {
  /** Payload bytes in all. Default 64 MiB. */
  readonly totalBytes?: number;
  /** Payload bytes of each frame. Default 65536. */
  readonly frameBytes?: number;
  /** Default the kind of which the service's messages consist. */
  readonly kind?: 'text' | 'binary';
}

/**
 * Sends frames, or a body without an announced length, as fast as the connection takes them; the mock itself never holds
 * more than one in memory.
 */
export function flood(parameters: FloodParameters): Behaviour {
  const { totalBytes = 64 * MEBIBYTE, frameBytes = CHUNK_BYTES } = parameters;
  return {
    judgesFrames: false,
    async play(session) {
      await moment(session, parameters);
      const kind = parameters.kind ?? session.script.kindOfFrames;
      const payload = Buffer.alloc(frameBytes, kind === 'text' ? 'x' : 0);
      const frame = encodeFrame({ opcode: OPCODES[kind], payload });
      await pour(session, frame, Math.ceil(totalBytes / frameBytes));
    },
    respond: (exchange) => pourBody(exchange, totalBytes, []),
  };
}

export interface OversizeParameters extends EndingParameters {
  /** Payload bytes of the one message. Default 64 MiB. */
  readonly totalBytes?: number;
  /** Default `binary`. */
  readonly kind?: 'text' | 'binary';
}

/** Sends one message in one frame, or one body, of any size, with its length announced, streamed. */
export function oversize(parameters: OversizeParameters): Behaviour {
  const { totalBytes = 64 * MEBIBYTE, kind = 'binary' } = parameters;
  return {
    judgesFrames: false,
    async play(session) {
      await moment(session, parameters);
      session.sendFrame({ opcode: OPCODES[kind], announcedBytes: totalBytes });
      const filler = Buffer.alloc(CHUNK_BYTES, 'x');
      await pour(session, filler, Math.floor(totalBytes / CHUNK_BYTES));
      session.sendBytes(filler.subarray(0, totalBytes % CHUNK_BYTES));
    },
    respond: (exchange) => pourBody(exchange, totalBytes, [['Content-Length', String(totalBytes)]]),
  };
}

/** A body of `totalBytes` under the head of the vendor's own answer. */
async function pourBody(exchange: MockExchange, totalBytes: number, more: readonly Entry[]): Promise<void> {
  const { status, headers } = vendorAnswer(exchange);
  exchange.start(status, [...headers, ...more]);
  const filler = Buffer.alloc(CHUNK_BYTES, 'x');
  for (let left = totalBytes; left > 0 && exchange.isOpen; left -= CHUNK_BYTES) {
    if (!exchange.write(filler.subarray(0, Math.min(left, CHUNK_BYTES)))) await exchange.drained();
  }
  exchange.end();
}

async function pour(session: MockSession, bytes: Buffer, times: number): Promise<void> {
  for (let count = 0; count < times && session.isWritable; count++) {
    if (!session.sendBytes(bytes)) await session.drained();
  }
}

/** Illegal bytes by what is wrong with them (RFC 6455 5.2 to 5.5, 8.1). */
export const RUBBISH = {
  reservedBits: () => encodeFrame({ opcode: OPCODES.text, payload: 'compressed?', rsv: 4 }),
  unknownOpcode: () => encodeFrame({ opcode: 3, payload: 'what' }),
  maskedFrame: () =>
    encodeFrame({ opcode: OPCODES.text, payload: 'masked', mask: Buffer.from([1, 2, 3, 4]) }),
  fragmentedPing: () => encodeFrame({ opcode: OPCODES.ping, payload: 'half', fin: false }),
  longPing: () => encodeFrame({ opcode: OPCODES.ping, payload: Buffer.alloc(126) }),
  strayContinuation: () => encodeFrame({ opcode: OPCODES.continuation, payload: 'of what' }),
  badUtf8: () => encodeFrame({ opcode: OPCODES.text, payload: Buffer.from([0xc3, 0x28]) }),
  halfCloseCode: () => encodeFrame({ opcode: OPCODES.close, payload: Buffer.from([3]) }),
  endlessLength: () => Buffer.from([0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
  notWebSocket: () => Buffer.from('HTTP/1.1 200 OK\r\n\r\n'),
} as const satisfies Readonly<Record<string, () => Buffer>>;

export type RubbishName = keyof typeof RUBBISH;

export interface RubbishParameters extends EndingParameters {
  /** Default `reservedBits`. */
  readonly what?: RubbishName;
}

export function rubbish(parameters: RubbishParameters): Behaviour {
  return {
    judgesFrames: false,
    async play(session) {
      await moment(session, parameters);
      session.sendBytes(RUBBISH[parameters.what ?? 'reservedBits']());
    },
    // RFC 9112 7.1: a chunk begins with its length in hexadecimal digits.
    respond(exchange) {
      exchange.sendBytes(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n'));
      exchange.endStream();
    },
  };
}

export interface KeyInFrameParameters extends EndingParameters {
  /**
   * The text frame, with placeholders such as `{secret:base64}`; of a call, what stands in the answer and in a header.
   * Default an error message, and a sentence, with the secret in it.
   */
  readonly text?: string;
}

/** Sends a message, or the vendor's own answer, with the secret in it. */
export function keyInFrame(parameters: KeyInFrameParameters): Behaviour {
  const sentence = 'the key {secret} is not valid';
  return {
    judgesFrames: false,
    async play(session) {
      await moment(session, parameters);
      const text = parameters.text ?? session.script.errorMessage('auth', sentence);
      session.send(fillSecret(text, session.secret));
    },
    respond(exchange) {
      const text = fillSecret(parameters.text ?? sentence, exchange.secret);
      const said = [Buffer.from(text, 'utf8')];
      const answer = vendorAnswer(exchange, { userText: text, assistantText: text, answer: said });
      exchange.answer({ ...answer, headers: [...answer.headers, ['X-Mock-Key', text]] });
    },
  };
}
