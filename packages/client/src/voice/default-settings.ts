/** The first message of an agent connection: the default, and how what was said before is put into any. */
import type { TranscriptEntry } from './conversation.ts';

/** A Settings message of the agent dialect; fields that are not named here pass unchanged. */
export interface AgentSettings {
  readonly type?: 'Settings';
  readonly audio?: object;
  /** Its parts, or the id of an agent that is kept at the provider. */
  readonly agent?: AgentSection | string;
  readonly [field: string]: unknown;
}

export interface AgentSection {
  readonly greeting?: string;
  readonly context?: { readonly messages?: readonly object[]; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** Rates in Hz; PCM16 little endian, one channel, both ways. */
export const INPUT_SAMPLE_RATE = 16_000;
export const OUTPUT_SAMPLE_RATE = 24_000;

const AUDIO = {
  input: { encoding: 'linear16', sample_rate: INPUT_SAMPLE_RATE },
  output: { encoding: 'linear16', sample_rate: OUTPUT_SAMPLE_RATE, container: 'none' },
};

const DEFAULT_AGENT = {
  listen: { provider: { type: 'deepgram', model: 'nova-3' } },
  think: {
    provider: { type: 'open_ai', model: 'gpt-4o-mini' },
    prompt: 'You are a friendly voice assistant. Answer in one or two short sentences.',
  },
  speak: { provider: { type: 'deepgram', model: 'aura-2-thalia-en' } },
};

/** A friendly English agent; the operator's server may replace any part of it. */
export const DEFAULT_SETTINGS = { type: 'Settings', audio: AUDIO, agent: DEFAULT_AGENT } as const;

/** How many earlier messages the agent is reminded of. */
export const HISTORY_LENGTH = 50;

/**
 * The message to send: `settings` over the default's outer parts (`audio.input`, `audio.output`, `agent.listen`,
 * `agent.think` and `agent.speak` are replaced whole). With a history the agent is reminded of it instead of greeting.
 */
export function toSettings(
  settings: AgentSettings | undefined,
  history: readonly TranscriptEntry[],
): AgentSettings {
  const { audio, agent, ...rest } = settings ?? {};
  return {
    ...rest,
    type: 'Settings',
    audio: { ...AUDIO, ...audio },
    agent: typeof agent === 'string' ? agent : withHistory({ ...DEFAULT_AGENT, ...agent }, history),
  };
}

function withHistory(agent: AgentSection, history: readonly TranscriptEntry[]): AgentSection {
  if (history.length === 0) return agent;
  const { greeting: _, context, ...rest } = agent;
  const past = history.map(({ role, text }) => ({ type: 'History', role, content: text }));
  const messages = [...(context?.messages ?? []), ...past].slice(-HISTORY_LENGTH);
  return { ...rest, context: { ...context, messages } };
}
