/**
 * The agent's dialect as a pure reducer: one message or local event changes the conversation and says what must be
 * done. Doing it, and parsing frames, is left to voice-session.ts.
 */
import { closeRowOf } from '../contract.ts';
import type { AgentMessage, Conversation, TranscriptEntry } from './conversation.ts';

/** `ready`: send what was held; `flush`: silence at once; `drain`: tell when the answer has been heard. */
export type AgentCommand =
  | { readonly do: 'ready' | 'flush' | 'drain' }
  | { readonly do: 'fail' | 'warn'; readonly code: string; readonly message: string };

export interface AgentStep {
  readonly conversation: Conversation;
  readonly command?: AgentCommand;
}

type Reduce = (conversation: Conversation, message: AgentMessage, at: number) => AgentStep;

const unchanged: Reduce = (conversation) => ({ conversation });

const REDUCERS: Readonly<Record<string, Reduce>> = {
  Welcome: unchanged,
  SettingsApplied: (conversation) => ({
    conversation: { ...conversation, isReady: true },
    command: { do: 'ready' },
  }),
  ConversationText: conversationText,
  UserStartedSpeaking: (conversation) => cutOff(conversation, 'until-answer'),
  UserStoppedSpeaking: unchanged,
  AgentThinking: thinking,
  FunctionCallRequest: thinking,
  FunctionCallResponse: unchanged,
  AgentStartedSpeaking: (conversation) => ({ conversation: answering(conversation) }),
  AgentAudioDone: audioDone,
  AgentDone: unchanged,
  History: unchanged,
  LatencyReport: unchanged,
  PromptUpdated: unchanged,
  SpeakUpdated: unchanged,
  ThinkUpdated: unchanged,
  ListenUpdated: unchanged,
  InjectionRefused: (conversation, message) => ({
    conversation: { ...conversation, isThinking: false },
    command: report('warn', message, 'injection_refused'),
  }),
  Warning: (conversation, message) => ({ conversation, command: report('warn', message, 'warning') }),
  Error: agentError,
};

/** The end of a session after its longest time, told as an error though it is none. */
const ORDINARY_END = 'session_max_duration';
/** Said after a repeated Settings message; the session goes on. */
const HARMLESS = ['SETTINGS_ALREADY_APPLIED'];

/** True for a message that this dialect knows; text in a binary frame is a message only then. */
export function isAgentMessage(value: unknown): value is AgentMessage {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.hasOwn(REDUCERS, String((value as AgentMessage).type))
  );
}

/** Applies one message; what is unknown changes nothing. `at` is the time in milliseconds since the epoch. */
export function onAgentMessage(conversation: Conversation, message: AgentMessage, at: number): AgentStep {
  return isAgentMessage(message)
    ? (REDUCERS[message.type] as Reduce)(conversation, message, at)
    : { conversation };
}

/** Applies agent audio that may be heard; the caller asks `muted` first. */
export const onAgentAudio = answering;

/** The user pressed stop: the agent does not know, so its audio stays unheard until the next turn. */
export const onInterrupt = (conversation: Conversation): AgentStep => cutOff(conversation, 'until-turn');

/** What was played is over. */
export function onDrained(conversation: Conversation): Conversation {
  return conversation.answer === 'complete' ? { ...conversation, answer: 'none' } : conversation;
}

/** The connection is gone: what has arrived is still heard, nothing else will come. */
export function onLost(conversation: Conversation): AgentStep {
  const isUnheard = conversation.answer !== 'none';
  return {
    conversation: {
      ...conversation,
      isReady: false,
      isThinking: false,
      muted: 'no',
      answer: isUnheard ? 'complete' : 'none',
    },
    ...(isUnheard ? { command: { do: 'drain' } } : {}),
  };
}

/** The call is over, and nothing waits to be sent or answered any more: what was typed is history for the next one. */
export function onEnded(conversation: Conversation): Conversation {
  return { ...conversation, isThinking: false, unechoed: [] };
}

/** The user typed: shown at once, and not a second time when the agent repeats it. */
export function onTyped(conversation: Conversation, text: string, at: number): Conversation {
  const said = append(conversation, 'user', text, at);
  const entry = said.transcript.at(-1) as TranscriptEntry;
  return { ...said, isThinking: true, unechoed: [...said.unechoed, entry] };
}

function conversationText(conversation: Conversation, message: AgentMessage, at: number): AgentStep {
  const { role, content } = message;
  if (typeof content !== 'string' || content === '') return { conversation };
  if (role === 'user') return { conversation: userText(conversation, content, at) };
  const heard = append(conversation, 'assistant', content, at);
  return { conversation: heard.muted === 'until-answer' ? { ...heard, muted: 'no' } : heard };
}

function userText(conversation: Conversation, text: string, at: number): Conversation {
  const echo = conversation.unechoed.find((entry) => entry.text === text);
  const said = echo ? conversation : append(conversation, 'user', text, at);
  const unechoed = echo ? said.unechoed.filter((entry) => entry !== echo) : said.unechoed;
  return { ...said, unechoed, isThinking: true, muted: 'no' };
}

function thinking(conversation: Conversation): AgentStep {
  const muted = conversation.muted === 'until-answer' ? 'no' : conversation.muted;
  return { conversation: { ...conversation, isThinking: true, muted } };
}

function answering(conversation: Conversation): Conversation {
  const { answer, isThinking, muted } = conversation;
  if (answer === 'arriving' && !isThinking && muted === 'no') return conversation;
  return { ...conversation, answer: 'arriving', isThinking: false, muted: 'no' };
}

function audioDone(conversation: Conversation): AgentStep {
  const done: Conversation = { ...conversation, isThinking: false, muted: 'no', unechoed: [] };
  if (done.answer === 'none') return { conversation: done };
  return { conversation: { ...done, answer: 'complete' }, command: { do: 'drain' } };
}

/** Only an answer that is still arriving has late audio to be kept silent. */
function cutOff(conversation: Conversation, until: 'until-answer' | 'until-turn'): AgentStep {
  const isPending = conversation.answer === 'arriving' || conversation.muted !== 'no';
  return {
    conversation: { ...conversation, isThinking: false, answer: 'none', muted: isPending ? until : 'no' },
    command: { do: 'flush' },
  };
}

/** What the contract has a row for comes right before a close; the client tells it then, if it is an error at all. */
function agentError(conversation: Conversation, message: AgentMessage): AgentStep {
  const code = String(message['code'] ?? '');
  if (closeRowOf(code) || code === ORDINARY_END) return { conversation };
  return { conversation, command: report(HARMLESS.includes(code) ? 'warn' : 'fail', message, 'agent_error') };
}

function report(level: 'fail' | 'warn', message: AgentMessage, fallback: string): AgentCommand {
  const code = String(message['code'] ?? fallback);
  return { do: level, code, message: String(message['description'] ?? message['message'] ?? code) };
}

function append(
  conversation: Conversation,
  role: TranscriptEntry['role'],
  text: string,
  at: number,
): Conversation {
  const count = conversation.count + 1;
  const entry = Object.freeze({ id: `t${count}`, role, text, at });
  return { ...conversation, count, transcript: Object.freeze([...conversation.transcript, entry]) };
}
