/** What Deepgram's services over WebSockets answer: agent, listen v1 and v2, speak. */
import { NORMAL_CLOSURE } from '../../contract/index.ts';
import * as vendor from './deepgram-messages.ts';
import { readMessage } from './json-message.ts';
import type { Conversation, ConverseInput, Step } from './vendor.ts';

export function converseAsAgent({ id, turn }: ConverseInput): Conversation {
  let isConfigured = false;
  let heard = 0;
  const speak = (content: string): Step[] => [
    vendor.conversationText('user', content),
    vendor.agentThinking(`answering: ${content}`),
    vendor.conversationText('assistant', turn.assistantText),
    vendor.agentStartedSpeaking(),
    ...turn.answer.map((part) => ({ part })),
    vendor.agentAudioDone(),
  ];
  const configure = (): string[] => {
    if (isConfigured)
      return [vendor.errorMessage('SETTINGS_ALREADY_APPLIED', 'Settings were applied before.')];
    isConfigured = true;
    return [vendor.settingsApplied()];
  };
  const listen = (): Step[] => {
    heard = (heard % turn.audioFrames) + 1;
    return [
      ...(heard === 1 ? [vendor.userStartedSpeaking()] : []),
      ...(heard === turn.audioFrames ? speak(turn.userText) : []),
    ];
  };
  const reply: Conversation['reply'] = ({ kind, payload }) => {
    if (kind === 'binary') return listen();
    const message = readMessage(payload);
    if (!message) return [vendor.errorMessage('UNPARSABLE_CLIENT_MESSAGE', `session ${id}: not JSON`)];
    if (message['type'] === 'Settings') return configure();
    if (message['type'] === 'InjectUserMessage') return speak(String(message['content']));
    if (message['type'] === 'UpdatePrompt') return [vendor.promptUpdated()];
    return message['type'] === 'UpdateSpeak' ? [vendor.speakUpdated()] : [];
  };
  return { greeting: [vendor.welcome(id)], reply };
}

export function converseAsListener({ id, turn }: ConverseInput): Conversation {
  let heard = 0;
  const final = (fromFinalize: boolean): Step => ({
    part: vendor.listenResults({ transcript: turn.userText, isFinal: true, fromFinalize }),
  });
  const reply: Conversation['reply'] = ({ kind, payload }) => {
    if (kind === 'text') {
      const type = readMessage(payload)?.['type'];
      if (type === 'Finalize') return [final(true)];
      return type === 'CloseStream' ? [vendor.listenMetadata(id, heard), { close: NORMAL_CLOSURE }] : [];
    }
    heard++;
    if (heard % turn.audioFrames === 0) return [final(false), vendor.utteranceEnd()];
    const words = turn.userText.split(' ').slice(0, heard % turn.audioFrames);
    return [{ part: vendor.listenResults({ transcript: words.join(' '), isFinal: false }) }];
  };
  return { greeting: [], reply };
}

/** Listen v2 tells turns instead of results. */
export function converseAsTurns({ id, turn }: ConverseInput): Conversation {
  let heard = 0;
  let sequence = 0;
  const tell = (event: vendor.TurnInfo['event'], transcript: string): Step => ({
    part: vendor.turnInfo({ id, sequence: ++sequence, event, transcript }),
  });
  const reply: Conversation['reply'] = ({ kind, payload }) => {
    if (kind === 'text') {
      const type = readMessage(payload)?.['type'];
      if (type === 'ForceEndTurn') return [tell('EndOfTurn', turn.userText)];
      return type === 'CloseStream' ? [{ close: NORMAL_CLOSURE }] : [];
    }
    heard = (heard % turn.audioFrames) + 1;
    if (heard === turn.audioFrames) return [tell('EndOfTurn', turn.userText)];
    const words = turn.userText.split(' ').slice(0, heard).join(' ');
    return [tell(heard === 1 ? 'StartOfTurn' : 'Update', words)];
  };
  return { greeting: [vendor.connected(id)], reply };
}

/** Speaks what it was given when it is told to flush. */
export function converseAsSpeaker({ id, turn }: ConverseInput): Conversation {
  let sequence = 0;
  const reply: Conversation['reply'] = ({ payload }) => {
    const type = readMessage(payload)?.['type'];
    if (type === 'Flush') return [...turn.answer.map((part) => ({ part })), vendor.flushed(sequence++)];
    if (type === 'Clear') return [vendor.cleared(sequence++)];
    return type === 'Close' ? [{ close: NORMAL_CLOSURE }] : [];
  };
  return { greeting: [vendor.speakMetadata(id)], reply };
}
