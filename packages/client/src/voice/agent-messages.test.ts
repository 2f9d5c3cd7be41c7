import { describe, expect, it } from 'vitest';
import {
  onAgentAudio,
  onAgentMessage,
  onDrained,
  onInterrupt,
  onLost,
  onTyped,
  type AgentCommand,
  type AgentStep,
} from './agent-messages.ts';
import { agentStateOf, EMPTY_CONVERSATION, historyOf, type Conversation } from './conversation.ts';

const AUDIO = 'audio';
const DRAINED = 'drained';
const INTERRUPT = 'interrupt';
const LOST = 'lost';
const user = (content: string) => ({ type: 'ConversationText', role: 'user', content });
const assistant = (content: string) => ({ type: 'ConversationText', role: 'assistant', content });
const READY = { type: 'SettingsApplied' };
const BARGE_IN = { type: 'UserStartedSpeaking' };
const THINKING = { type: 'AgentThinking', content: 'hm' };
const DONE = { type: 'AgentAudioDone' };
const STARTED = { type: 'AgentStartedSpeaking' };

type Happening = string | { type: string; [field: string]: unknown };

function happen(conversation: Conversation, happening: Happening): AgentStep {
  if (typeof happening === 'object') return onAgentMessage(conversation, happening, 7);
  if (happening === AUDIO) {
    return { conversation: conversation.muted === 'no' ? onAgentAudio(conversation) : conversation };
  }
  if (happening === DRAINED) return { conversation: onDrained(conversation) };
  if (happening === INTERRUPT) return onInterrupt(conversation);
  if (happening === LOST) return onLost(conversation);
  return { conversation: onTyped(conversation, happening, 7) };
}

function play(...happenings: Happening[]): { conversation: Conversation; commands: AgentCommand[] } {
  let conversation = EMPTY_CONVERSATION;
  const commands: AgentCommand[] = [];
  for (const happening of happenings) {
    const step = happen(conversation, happening);
    conversation = step.conversation;
    if (step.command) commands.push(step.command);
  }
  return { conversation, commands };
}

describe('agent state', () => {
  it.each<[string, Happening[], string]>([
    ['is idle before the settings are applied', [{ type: 'Welcome' }], 'idle'],
    ['listens once the settings are applied', [READY], 'listening'],
    ['thinks after the user has spoken', [READY, BARGE_IN, user('hi')], 'thinking'],
    ['thinks when the agent says so', [READY, THINKING], 'thinking'],
    [
      'thinks while a function is called',
      [READY, { type: 'FunctionCallRequest', functions: [] }],
      'thinking',
    ],
    ['thinks after the user has typed', [READY, 'hi'], 'thinking'],
    ['speaks from the first audio on, without any announcement', [READY, user('hi'), AUDIO], 'speaking'],
    ['speaks when the agent announces it', [READY, STARTED], 'speaking'],
    ['still speaks when all audio is received but not heard', [READY, AUDIO, DONE], 'speaking'],
    ['listens when the answer has been heard', [READY, AUDIO, DONE, DRAINED], 'listening'],
    ['still speaks in a gap of an unfinished answer', [READY, AUDIO, DRAINED], 'speaking'],
    ['listens after an answer without audio', [READY, user('hi'), DONE], 'listening'],
    ['listens at once when the user speaks into an answer', [READY, AUDIO, BARGE_IN], 'listening'],
    ['listens at once when interrupted', [READY, AUDIO, INTERRUPT], 'listening'],
    ['still speaks what was received before the connection was lost', [READY, AUDIO, LOST], 'speaking'],
    ['is idle when that has been heard', [READY, AUDIO, LOST, DRAINED], 'idle'],
    ['is idle after a loss in silence', [READY, LOST], 'idle'],
    ['ignores what it does not know', [READY, { type: 'Novelty' }, { type: 'toString' }], 'listening'],
  ])('%s', (_, happenings, state) => {
    expect(agentStateOf(play(...happenings).conversation)).toBe(state);
  });
});

describe('audio of an answer that was cut off', () => {
  const isMuted = (...happenings: Happening[]): boolean =>
    play(READY, ...happenings).conversation.muted !== 'no';

  it.each<[string, Happening[], boolean]>([
    ['stays silent after the user spoke into it', [AUDIO, BARGE_IN], true],
    ['stays silent though it goes on', [AUDIO, BARGE_IN, AUDIO], true],
    ['ends with its own end', [AUDIO, BARGE_IN, DONE], false],
    ['ends with the text of the user', [AUDIO, BARGE_IN, user('stop')], false],
    ['ends with the text of the next answer', [AUDIO, BARGE_IN, assistant('Sure.')], false],
    ['ends when the agent thinks', [AUDIO, BARGE_IN, THINKING], false],
    ['ends when the agent starts to speak', [AUDIO, BARGE_IN, STARTED], false],
    ['does not exist when the answer was complete', [AUDIO, DONE, BARGE_IN], false],
    ['does not exist when nobody spoke', [BARGE_IN], false],
    ['stays silent after interrupt()', [AUDIO, INTERRUPT], true],
    ['stays silent after interrupt() while the agent talks on', [AUDIO, INTERRUPT, assistant('And …')], true],
    ['ends after interrupt() with its own end', [AUDIO, INTERRUPT, DONE], false],
    ['ends after interrupt() with the next turn', [AUDIO, INTERRUPT, user('stop')], false],
    ['is the user’s when both cut it off', [AUDIO, INTERRUPT, BARGE_IN, assistant('Sure.')], false],
    ['does not outlive the connection', [AUDIO, BARGE_IN, LOST], false],
  ])('%s', (_, happenings, muted) => {
    expect(isMuted(...happenings)).toBe(muted);
  });
});

describe('commands', () => {
  it.each<[string, Happening[], AgentCommand | undefined]>([
    ['sends what was held once the agent is ready', [READY], { do: 'ready' }],
    ['flushes when the user speaks', [BARGE_IN], { do: 'flush' }],
    ['flushes when interrupted', [INTERRUPT], { do: 'flush' }],
    ['waits for the end of playing after the last audio', [AUDIO, DONE], { do: 'drain' }],
    ['does not wait for an answer without audio', [DONE], undefined],
    ['waits for the end of playing when the connection is lost', [AUDIO, LOST], { do: 'drain' }],
    [
      'fails on an error',
      [{ type: 'Error', code: 'BOOM', description: 'Bad.' }],
      { do: 'fail', code: 'BOOM', message: 'Bad.' },
    ],
    [
      'fails on an error without a code',
      [{ type: 'Error' }],
      { do: 'fail', code: 'agent_error', message: 'agent_error' },
    ],
    ['takes the end by idle time for no error', [{ type: 'Error', code: 'idle_timeout' }], undefined],
    [
      'takes the end by session time for no error',
      [{ type: 'Error', code: 'session_max_duration' }],
      undefined,
    ],
    ['leaves refusals of the proxy to the client', [{ type: 'Error', code: 'auth_expired' }], undefined],
    [
      'warns of repeated settings',
      [{ type: 'Error', code: 'SETTINGS_ALREADY_APPLIED', description: 'Twice.' }],
      { do: 'warn', code: 'SETTINGS_ALREADY_APPLIED', message: 'Twice.' },
    ],
    [
      'warns',
      [{ type: 'Warning', code: 'SLOW', description: 'Slow.' }],
      { do: 'warn', code: 'SLOW', message: 'Slow.' },
    ],
    [
      'warns of a refused injection',
      [{ type: 'InjectionRefused', message: 'Busy.' }],
      { do: 'warn', code: 'injection_refused', message: 'Busy.' },
    ],
  ])('%s', (_, happenings, command) => {
    expect(play(...happenings).commands.at(-1)).toEqual(command);
  });
});

describe('transcript', () => {
  const lines = (...happenings: Happening[]): string[] =>
    play(...happenings).conversation.transcript.map(({ role, text }) => `${role}: ${text}`);

  it.each<[string, Happening[], string[]]>([
    ['keeps both sides in order', [user('hi'), assistant('Hello.')], ['user: hi', 'assistant: Hello.']],
    ['shows what is typed at once', ['hi'], ['user: hi']],
    [
      'does not repeat the echo of what was typed',
      ['hi', user('hi'), assistant('Hello.')],
      ['user: hi', 'assistant: Hello.'],
    ],
    ['repeats what is said again', ['hi', user('hi'), user('hi')], ['user: hi', 'user: hi']],
    ['expects no echo after the answer', ['hi', AUDIO, DONE, user('hi')], ['user: hi', 'user: hi']],
    ['leaves out empty and malformed text', [user(''), { type: 'ConversationText', role: 'user' }], []],
  ])('%s', (_, happenings, expected) => {
    expect(lines(...happenings)).toEqual(expected);
  });

  it('gives each entry an id of its own, also after older ones are gone', () => {
    const { conversation } = play(user('one'), user('two'));
    const later = onTyped({ ...conversation, transcript: [] }, 'three', 7);
    const ids = [...conversation.transcript, ...later.transcript].map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
  });

  it('reminds the agent of the last entries, without those that are still to be sent', () => {
    const { conversation } = play(user('one'), assistant('two'), 'three');
    expect(historyOf(conversation, 50).map(({ text }) => text)).toEqual(['one', 'two']);
    expect(historyOf(conversation, 1).map(({ text }) => text)).toEqual(['two']);
  });
});
