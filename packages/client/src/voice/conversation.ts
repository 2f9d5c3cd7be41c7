/** What the agent's messages add up to: who speaks, what was said, whether audio may be heard. Types, and the empty one. */

export type AgentState = 'idle' | 'listening' | 'thinking' | 'speaking';

/** One thing said or typed. */
export interface TranscriptEntry {
  /** Unique within a session; stays with the entry. */
  readonly id: string;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  /** When it was known here, in milliseconds since the epoch. */
  readonly at: number;
}

/** One message of the agent's dialect, parsed. */
export interface AgentMessage {
  readonly type: string;
  readonly [field: string]: unknown;
}

export interface Conversation {
  /** The agent accepted the settings of this connection. */
  readonly isReady: boolean;
  readonly isThinking: boolean;
  /** `arriving` from an answer's first audio until it is declared done; `complete` until it has been heard. */
  readonly answer: 'none' | 'arriving' | 'complete';
  /**
   * Audio of an answer that was cut off is not played. A cut-off by the user's voice ends with any sign of the next
   * answer; one by interrupt() only with the next turn, because the agent does not know of it and talks on.
   */
  readonly muted: 'no' | 'until-answer' | 'until-turn';
  readonly transcript: readonly TranscriptEntry[];
  /** Typed messages that the agent has not repeated yet. */
  readonly unechoed: readonly TranscriptEntry[];
  /** Entries so far; gives them their ids. */
  readonly count: number;
}

export const EMPTY_CONVERSATION: Conversation = {
  isReady: false,
  isThinking: false,
  answer: 'none',
  muted: 'no',
  transcript: Object.freeze([]),
  unechoed: [],
  count: 0,
};

/** `speaking` lasts until the answer has been heard, also after the connection is gone. */
export function agentStateOf(conversation: Conversation): AgentState {
  if (conversation.answer !== 'none') return 'speaking';
  if (!conversation.isReady) return 'idle';
  return conversation.isThinking ? 'thinking' : 'listening';
}

/** What the agent has to be told about what was said before; typed messages that still wait to be sent are not in it. */
export function historyOf(conversation: Conversation, most: number): readonly TranscriptEntry[] {
  return conversation.transcript.filter((entry) => !conversation.unechoed.includes(entry)).slice(-most);
}
