/** Scenarios about what is sent: far too much, in one frame or in many, illegal bytes, and frames that hold the secret. */
import type { MockSession } from '../mock-session.ts';
import { encodeFrame, OPCODES } from '../wire-frames.ts';
import type { Behaviour } from './behaviour.ts';
import { type EndingParameters, moment } from './endings.ts';
import { fillSecret } from './placeholders.ts';
import { errorMessage } from './vendor-messages.ts';

const MEBIBYTE = 1024 * 1024;
const CHUNK_BYTES = 64 * 1024;

export interface FloodParameters extends EndingParameters {
  /** Payload bytes in all. Default 64 MiB. */
  readonly totalBytes?: number;
  /** Payload bytes of each binary frame. Default 65536. */
  readonly frameBytes?: number;
}

/** Sends binary frames as fast as the connection takes them; the mock itself never holds more than one in memory. */
export function flood(parameters: FloodParameters): Behaviour {
  const { totalBytes = 64 * MEBIBYTE, frameBytes = CHUNK_BYTES } = parameters;
  return {
    judgesFirstFrame: false,
    async play(session) {
      await moment(session, parameters);
      const frame = encodeFrame({ opcode: OPCODES.binary, payload: Buffer.alloc(frameBytes) });
      await pour(session, frame, Math.ceil(totalBytes / frameBytes));
    },
  };
}

export interface OversizeParameters extends EndingParameters {
  /** Payload bytes of the one message. Default 64 MiB. */
  readonly totalBytes?: number;
  /** Default `binary`. */
  readonly kind?: 'text' | 'binary';
}

/** Sends one message in one frame of any size, streamed. */
export function oversize(parameters: OversizeParameters): Behaviour {
  const { totalBytes = 64 * MEBIBYTE, kind = 'binary' } = parameters;
  return {
    judgesFirstFrame: false,
    async play(session) {
      await moment(session, parameters);
      session.sendFrame({ opcode: OPCODES[kind], announcedBytes: totalBytes });
      const filler = Buffer.alloc(CHUNK_BYTES, 'x');
      await pour(session, filler, Math.floor(totalBytes / CHUNK_BYTES));
      session.sendBytes(filler.subarray(0, totalBytes % CHUNK_BYTES));
    },
  };
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
    judgesFirstFrame: false,
    async play(session) {
      await moment(session, parameters);
      session.sendBytes(RUBBISH[parameters.what ?? 'reservedBits']());
    },
  };
}

export interface KeyInFrameParameters extends EndingParameters {
  /** The text frame, with placeholders such as `{secret:base64}`. Default an error message with the secret in it. */
  readonly text?: string;
}

export function keyInFrame(parameters: KeyInFrameParameters): Behaviour {
  const text = parameters.text ?? errorMessage('INVALID_AUTH', 'the key {secret} is not valid');
  return {
    judgesFirstFrame: false,
    async play(session) {
      await moment(session, parameters);
      session.send(fillSecret(text, session.secret));
    },
  };
}
