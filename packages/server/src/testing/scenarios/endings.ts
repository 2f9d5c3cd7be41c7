/** Scenarios about the end: close frames of every kind, half-closes, and peers that never say goodbye. */
import { CLOSE_ROWS } from '../../contract/index.ts';
import type { MockSession } from '../mock-session.ts';
import { encodeFrame, OPCODES } from '../wire-frames.ts';
import { beginAnswer, beginBrokenAnswer, partsToSend, splitParts } from './answer-parts.ts';
import type { Behaviour } from './behaviour.ts';
import { fillSecret } from './placeholders.ts';
import { playTurns, vendorAnswer } from './turns.ts';

export interface EndingParameters {
  /** Frames to receive before it happens. Default 0: as soon as the session is open. */
  readonly afterFrames?: number;
  /** Milliseconds to wait after them. Default 0. */
  readonly delayMs?: number;
}

export interface CloseWithParameters extends EndingParameters {
  /** Any number from 0 to 65535, also one that may not be sent; `none` sends a close frame without a code. Default that of an internal error. */
  readonly code?: number | 'none';
  /** Text with placeholders such as `{secret}`, or bytes that need not be text. Default a text with the secret. */
  readonly reason?: string | Buffer;
}

const LEAKY_REASON = 'the key {secret} ran out';

export function closeWith(parameters: CloseWithParameters): Behaviour {
  const { code = CLOSE_ROWS.Internal.code, reason = LEAKY_REASON } = parameters;
  return {
    judgesFrames: false,
    async play(session) {
      await moment(session, parameters);
      if (code === 'none') session.close();
      else session.close(code, Buffer.isBuffer(reason) ? reason : fillSecret(reason, session.secret));
    },
  };
}

/** Sends a close frame, then reads nothing more, so that neither the peer's answer nor its end ends the connection. */
export function closesButStays(parameters: CloseWithParameters): Behaviour {
  const { play } = closeWith(parameters);
  return {
    judgesFrames: false,
    async play(session) {
      await play?.(session);
      session.pauseReading();
    },
  };
}

/** Ends its side of the connection without a close frame, and goes on reading; an answer is cut in its middle. */
export function halfClose(parameters: EndingParameters): Behaviour {
  return {
    judgesFrames: false,
    async play(session) {
      await moment(session, parameters);
      session.endStream();
    },
    async respond(exchange) {
      if (parameters.delayMs) await exchange.delay(parameters.delayMs);
      const answer = vendorAnswer(exchange);
      beginBrokenAnswer(exchange, answer);
      for (const part of splitParts(answer, 1)[0]) exchange.write(part);
      exchange.endStream();
    },
  };
}

/**
 * A happy conversation that leaves close frames unanswered; it goes when the peer ends the connection. An answer is sent
 * whole, but neither ended nor given a length.
 */
export function neverCloses(): Behaviour {
  return {
    answersClose: false,
    play: playTurns({}),
    respond(exchange) {
      const answer = vendorAnswer(exchange);
      exchange.start(answer.status, answer.headers);
      for (const part of partsToSend(answer)) exchange.write(part);
    },
  };
}

/** Stops in the middle of a message, or of an answer, until the mock is told to `release()`. */
export function stalls(parameters: EndingParameters): Behaviour {
  return {
    judgesFrames: false,
    async play(session) {
      await moment(session, parameters);
      const text = session.script.errorMessage('request', 'this message came in two halves');
      const frame = encodeFrame({ opcode: OPCODES.text, payload: text });
      const middle = Math.ceil(frame.length / 2);
      session.sendBytes(frame.subarray(0, middle));
      await session.released();
      session.sendBytes(frame.subarray(middle));
    },
    async respond(exchange) {
      const answer = vendorAnswer(exchange);
      const [first, rest] = splitParts(answer, 1);
      beginAnswer(exchange, answer);
      for (const part of first) exchange.write(part);
      await exchange.released();
      for (const part of rest) exchange.write(part);
      exchange.end();
    },
  };
}

/** Opens and never reads a byte, so that the peer's data piles up on its side. */
export function readsNothing(): Behaviour {
  return { judgesFrames: false, readsBody: false, play: (session) => session.pauseReading() };
}

/** Resolves when the scenario's turn has come; at once, without giving way, when nothing has to be waited for. */
export async function moment(
  session: MockSession,
  { afterFrames = 0, delayMs = 0 }: EndingParameters,
): Promise<void> {
  if (afterFrames > 0) {
    const isEnough = (): boolean => session.frames.length >= afterFrames;
    await session.waitForFrame(isEnough, { deadlineMs: Infinity });
  }
  if (delayMs > 0) await session.delay(delayMs);
}
