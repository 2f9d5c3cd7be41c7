/** The happy conversation with every service, and the ways in which its answer comes broken or slowly. */
import type { MockExchange } from '../mock-exchange.ts';
import type { MockSession } from '../mock-session.ts';
import type { CallAnswer, Payload, Step, Turn } from '../vendors/vendor.ts';
import type { Behaviour, Play } from './behaviour.ts';
import { beginAnswer, beginBrokenAnswer, partsToSend, splitParts } from './answer-parts.ts';

export interface TurnParameters {
  /** What was understood in audio, and the transcript of services that only transcribe. */
  readonly userText?: string;
  /** What the agent or the model says. */
  readonly assistantText?: string;
  /** Messages with audio received until a turn begins, or until a result is final. Default 5. */
  readonly audioFrames?: number;
  /** The audio of an answer, one message each. Default three of 960 bytes, all different. */
  readonly answer?: readonly Buffer[];
}

type Send = (payload: Payload, isPart: boolean) => void | Promise<void>;

export const DEFAULT_TURN: Turn = {
  userText: 'What is the weather like?',
  assistantText: 'It is sunny.',
  audioFrames: 5,
  answer: [1, 2, 3].map((value) => Buffer.alloc(960, value)),
};

const turnOf = (parameters: TurnParameters): Turn => ({ ...DEFAULT_TURN, ...parameters });

/** What the vendor answers a call with. */
export const vendorAnswer = (exchange: MockExchange, turn: TurnParameters = {}): CallAnswer =>
  exchange.script.answer(turnOf(turn));

export function happyTurn(parameters: TurnParameters): Behaviour {
  return {
    play: playTurns(parameters),
    respond: (exchange) => exchange.answer(vendorAnswer(exchange, parameters)),
  };
}

export interface DropAfterParameters extends TurnParameters {
  /** Parts of the answer that are sent before the reset: audio, progress, streamed events. Default 1. */
  readonly frames?: number;
  /** True also sends the first half of another frame. Default false. */
  readonly isMidFrame?: boolean;
}

/** A happy conversation whose answer breaks off by a TCP reset; a body in one piece breaks off in its middle. */
export function dropAfter({ frames = 1, isMidFrame = false, ...turn }: DropAfterParameters): Behaviour {
  return {
    async play(session) {
      let sent = 0;
      const send: Send = async (payload, isPart) => {
        const isLast = isPart && ++sent === frames;
        session.send(payload);
        if (!isLast) return;
        // A binary frame that announces 100 bytes and brings 50.
        if (isMidFrame) session.sendBytes(Buffer.concat([Buffer.from([0x82, 100]), Buffer.alloc(50)]));
        await session.drained();
        session.destroy();
      };
      await converse(session, turnOf(turn), send);
    },
    async respond(exchange) {
      const answer = vendorAnswer(exchange, turn);
      beginBrokenAnswer(exchange, answer);
      for (const part of splitParts(answer, frames)[0]) exchange.write(part);
      await exchange.drained();
      exchange.destroy();
    },
  };
}

export interface SlowStreamParameters extends TurnParameters {
  /** Milliseconds before each part of an answer. Default 20. */
  readonly delayMs?: number;
}

/** A happy conversation whose answer comes part by part, each after a wait. */
export function slowStream({ delayMs = 20, ...turn }: SlowStreamParameters): Behaviour {
  return {
    play(session) {
      return converse(session, turnOf(turn), async (payload, isPart) => {
        if (isPart) await session.delay(delayMs);
        session.send(payload);
      });
    },
    async respond(exchange) {
      const answer = vendorAnswer(exchange, turn);
      beginAnswer(exchange, answer);
      for (const part of partsToSend(answer)) {
        await exchange.delay(delayMs);
        exchange.write(part);
      }
      exchange.end();
    },
  };
}

/** Plays turns until the session ends. */
export function playTurns(parameters: TurnParameters): Play {
  return (session) => converse(session, turnOf(parameters), (payload) => void session.send(payload));
}

async function converse(session: MockSession, turn: Turn, send: Send): Promise<void> {
  const { greeting, reply } = session.script.converse(turn);
  // Before the first await: the greeting travels in the same packet as the accepted upgrade.
  for (const payload of greeting) void send(payload, false);
  for await (const frame of session.received()) {
    for (const step of reply(frame)) await perform(session, step, send);
  }
}

function perform(session: MockSession, step: Step, send: Send): void | Promise<void> {
  if (typeof step === 'string' || Buffer.isBuffer(step)) return send(step, false);
  if ('part' in step) return send(step.part, true);
  return session.close(step.close);
}

/** Sends every frame, and the body of every call, back as it came, in its kind, and takes any frames. */
export function echo(): Behaviour {
  return {
    judgesFrames: false,
    async play(session) {
      for await (const { kind, payload } of session.received()) {
        session.send(kind === 'text' ? payload.toString('utf8') : payload);
        await session.drained();
      }
    },
    respond(exchange) {
      const { headers, body } = exchange.request;
      const types = headers.filter(([name]) => name.toLowerCase() === 'content-type');
      exchange.answer({ status: 200, headers: types, body });
    },
  };
}
