/** The happy conversation of both services: what the vendor answers to settings, text, audio and the end of a stream. */
import { NORMAL_CLOSURE } from '../../contract/index.ts';
import type { MockFrame } from '../message-reader.ts';
import type { MockSession } from '../mock-session.ts';
import type { Behaviour, Play } from './behaviour.ts';
import * as vendor from './vendor-messages.ts';

export interface TurnParameters {
  /** What the agent understood in audio, and the transcript of the listen service. */
  readonly userText?: string;
  readonly assistantText?: string;
  /** Binary frames received until a turn begins, or until a result is final. Default 5. */
  readonly audioFrames?: number;
  /** The agent's answer: one binary frame each. Default three of 960 bytes, all different. */
  readonly answer?: readonly Buffer[];
}

type Turn = Required<TurnParameters>;
type Send = (payload: string | Buffer) => void | Promise<void>;

const DEFAULT_TURN: Turn = {
  userText: 'What is the weather like?',
  assistantText: 'It is sunny.',
  audioFrames: 5,
  answer: [1, 2, 3].map((value) => Buffer.alloc(960, value)),
};

export function happyTurn(parameters: TurnParameters): Behaviour {
  return { play: playTurns(parameters) };
}

export interface DropAfterParameters extends TurnParameters {
  /** Audio frames of the answer that are sent before the reset. Default 1. */
  readonly frames?: number;
  /** True also sends the first half of the next frame. Default false. */
  readonly isMidFrame?: boolean;
}

/** A happy conversation whose answer breaks off by a TCP reset. */
export function dropAfter({ frames = 1, isMidFrame = false, ...turn }: DropAfterParameters): Behaviour {
  return {
    async play(session) {
      let sent = 0;
      const send: Send = async (payload) => {
        const isLast = Buffer.isBuffer(payload) && ++sent === frames;
        session.send(payload);
        if (!isLast) return;
        // A binary frame that announces 100 bytes and brings 50.
        if (isMidFrame) session.sendBytes(Buffer.concat([Buffer.from([0x82, 100]), Buffer.alloc(50)]));
        await session.drained();
        session.destroy();
      };
      await converse(session, { ...DEFAULT_TURN, ...turn }, send);
    },
  };
}

/** Plays turns until the session ends. */
export function playTurns(parameters: TurnParameters): Play {
  const turn = { ...DEFAULT_TURN, ...parameters };
  return (session) => converse(session, turn, (payload) => void session.send(payload));
}

async function converse(session: MockSession, turn: Turn, send: Send): Promise<void> {
  const reply = session.service === 'agent' ? createAgent(session, turn) : createListener(session, turn);
  // Before the first await: the greeting travels in the same packet as the accepted upgrade.
  if (session.service === 'agent') void send(vendor.welcome(session.id));
  for await (const frame of session.received()) {
    for (const payload of reply(frame)) await send(payload);
    if (isCloseStream(session, frame)) session.close(NORMAL_CLOSURE);
  }
}

const isCloseStream = (session: MockSession, frame: MockFrame): boolean =>
  session.service === 'listen' &&
  frame.kind === 'text' &&
  vendor.readMessage(frame.payload)?.['type'] === 'CloseStream';

type Reply = (frame: MockFrame) => (string | Buffer)[];

function createAgent(session: MockSession, turn: Turn): Reply {
  let isConfigured = false;
  let heard = 0;
  const speak = (content: string): (string | Buffer)[] => [
    vendor.conversationText('user', content),
    vendor.agentThinking(`answering: ${content}`),
    vendor.conversationText('assistant', turn.assistantText),
    vendor.agentStartedSpeaking(),
    ...turn.answer,
    vendor.agentAudioDone(),
  ];
  const configure = (): string[] => {
    if (isConfigured)
      return [vendor.errorMessage('SETTINGS_ALREADY_APPLIED', 'Settings were applied before.')];
    isConfigured = true;
    return [vendor.settingsApplied()];
  };
  const listen = (): (string | Buffer)[] => {
    heard = (heard % turn.audioFrames) + 1;
    return [
      ...(heard === 1 ? [vendor.userStartedSpeaking()] : []),
      ...(heard === turn.audioFrames ? speak(turn.userText) : []),
    ];
  };
  return ({ kind, payload }) => {
    if (kind === 'binary') return listen();
    const message = vendor.readMessage(payload);
    if (!message)
      return [vendor.errorMessage('UNPARSABLE_CLIENT_MESSAGE', `session ${session.id}: not JSON`)];
    if (message['type'] === 'Settings') return configure();
    if (message['type'] === 'InjectUserMessage') return speak(String(message['content']));
    if (message['type'] === 'UpdatePrompt') return [vendor.promptUpdated()];
    return message['type'] === 'UpdateSpeak' ? [vendor.speakUpdated()] : [];
  };
}

function createListener(session: MockSession, turn: Turn): Reply {
  let heard = 0;
  const final = (fromFinalize: boolean): string =>
    vendor.listenResults({ transcript: turn.userText, isFinal: true, fromFinalize });
  return ({ kind, payload }) => {
    if (kind === 'text') {
      const type = vendor.readMessage(payload)?.['type'];
      if (type === 'Finalize') return [final(true)];
      return type === 'CloseStream' ? [vendor.listenMetadata(session.id, heard)] : [];
    }
    heard++;
    if (heard % turn.audioFrames === 0) return [final(false), vendor.utteranceEnd()];
    const words = turn.userText.split(' ').slice(0, heard % turn.audioFrames);
    return [vendor.listenResults({ transcript: words.join(' '), isFinal: false })];
  };
}

/** Sends every frame back as it came, in its kind, and takes any first frame. */
export function echo(): Behaviour {
  return {
    judgesFirstFrame: false,
    async play(session) {
      for await (const { kind, payload } of session.received()) {
        session.send(kind === 'text' ? payload.toString('utf8') : payload);
        await session.drained();
      }
    },
  };
}
