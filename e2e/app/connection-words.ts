/** What the states of connection and agent are called for people. Pure. */
import type { VoiceSnapshot } from '@voxproxy/client/voice';

export interface ConnectionWords {
  text: string;
  tone: 'off' | 'busy' | 'good' | 'bad';
}

type Facts = Pick<VoiceSnapshot, 'state' | 'isReady'>;

const WORDS: Readonly<Record<Facts['state'], ConnectionWords>> = {
  idle: { text: 'Not connected', tone: 'off' },
  authorizing: { text: 'Getting a token', tone: 'busy' },
  connecting: { text: 'Connecting', tone: 'busy' },
  open: { text: 'Starting the agent', tone: 'busy' },
  waiting: { text: 'Connecting again', tone: 'busy' },
  offline: { text: 'Waiting for the network', tone: 'busy' },
  closing: { text: 'Hanging up', tone: 'busy' },
  closed: { text: 'Not connected', tone: 'off' },
  failed: { text: 'Could not connect', tone: 'bad' },
};

/** An open connection counts as connected once the agent has accepted its settings. */
export function connectionWords({ state, isReady }: Facts): ConnectionWords {
  return state === 'open' && isReady ? { text: 'Connected', tone: 'good' } : WORDS[state];
}

/** True from the press on the button until the call has ended. */
export function isInCall(state: Facts['state']): boolean {
  return !['idle', 'closing', 'closed', 'failed'].includes(state);
}

export interface AgentWords {
  title: string;
  hint: string;
}

type AgentFacts = Pick<VoiceSnapshot, 'state' | 'isReady' | 'agentState' | 'isMicOn' | 'isMuted'>;

export function agentWords(facts: AgentFacts): AgentWords {
  const { state, isReady, agentState, isMicOn, isMuted } = facts;
  if (agentState === 'speaking') return { title: 'Speaking', hint: 'Talk over it and it stops.' };
  if (state === 'failed') return { title: 'Not connected', hint: 'Press the button to try again.' };
  if (!isInCall(state)) return { title: 'Ready when you are', hint: 'Press the button and talk.' };
  if (!isReady) return { title: 'One moment', hint: `${connectionWords(facts).text}…` };
  if (agentState === 'thinking') return { title: 'Thinking', hint: 'The answer is on its way.' };
  if (!isMicOn) return { title: 'Waiting', hint: 'Type a message, or play a recording.' };
  if (isMuted) return { title: 'Muted', hint: 'Nobody hears you.' };
  return { title: 'Listening', hint: 'Say something.' };
}
