/** The first message of an agent connection: the default, and how what was said before is put into any. */
import type { TranscriptEntry } from './conversation.ts';

/** A Settings message of the agent dialect; fields that are not named here pass unchanged. */
export interface AgentSettings {
  readonly type?: 'Settings';
  readonly audio?: object;
  readonly agent?: AgentSection;
  readonly [field: string]: unknown;
}

interface AgentSection {
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

/** A friendly English agent; the operator's server may replace any part of it. */
export const DEFAULT_SETTINGS: AgentSettings = {
  type: 'Settings',
  audio: AUDIO,
  agent: {
    listen: { provider: { type: 'deepgram', model: 'nova-3' } },
    think: {
      provider: { type: 'open_ai', model: 'gpt-4o-mini' },
      prompt: 'You are a friendly voice assistant. Answer in one or two short sentences.',
    },
    speak: { provider: { type: 'deepgram', model: 'aura-2-thalia-en' } },
  },
};

/** How many earlier messages the agent is reminded of after a reconnect. */
export const HISTORY_LENGTH = 50;

/**
 * The message to send: `settings` over the default's outer parts (`audio`, `agent.listen`, `agent.think` and
 * `agent.speak` are replaced whole), audio in the formats that capture and playback use unless stated otherwise.
 * With a history the agent is reminded of it, and does not greet again.
 */
export function toSettings(
  settings: AgentSettings | undefined,
  history: readonly TranscriptEntry[],
): AgentSettings {
  const { greeting, context, ...agent }: AgentSection = { ...DEFAULT_SETTINGS.agent, ...settings?.agent };
  const past = history.map(({ role, text }) => ({ type: 'History', role, content: text }));
  const messages = [...(context?.messages ?? []), ...past];
  return {
    ...DEFAULT_SETTINGS,
    ...settings,
    type: 'Settings',
    audio: { ...AUDIO, ...settings?.audio },
    agent: {
      ...agent,
      ...(greeting === undefined || past.length > 0 ? {} : { greeting }),
      ...(messages.length > 0
        ? { context: { ...context, messages: messages.slice(-HISTORY_LENGTH) } }
        : context && { context }),
    },
  };
}
