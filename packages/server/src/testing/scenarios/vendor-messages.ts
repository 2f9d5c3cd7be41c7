/** The vendor's server messages as texts, with fixed ids so that two runs are alike. Decides nothing about their order. */

const text = (type: string, fields: object = {}): string => JSON.stringify({ type, ...fields });

export const welcome = (id: number): string => text('Welcome', { request_id: `mock-request-${id}` });
export const settingsApplied = (): string => text('SettingsApplied');
export const conversationText = (role: 'user' | 'assistant', content: string): string =>
  text('ConversationText', { role, content });
export const userStartedSpeaking = (): string => text('UserStartedSpeaking');
export const agentThinking = (content: string): string => text('AgentThinking', { content });
export const agentStartedSpeaking = (): string =>
  text('AgentStartedSpeaking', { total_latency: 0.3, tts_latency: 0.1, ttt_latency: 0.2 });
export const agentAudioDone = (): string => text('AgentAudioDone');
export const promptUpdated = (): string => text('PromptUpdated');
export const speakUpdated = (): string => text('SpeakUpdated');
export const errorMessage = (code: string, description: string): string =>
  text('Error', { code, description });

/** What a transcription result says. */
export interface ListenResult {
  readonly transcript: string;
  readonly isFinal: boolean;
  /** Set in the answer to `Finalize`. */
  readonly fromFinalize?: boolean;
}

export const listenResults = ({ transcript, isFinal, fromFinalize = false }: ListenResult): string =>
  text('Results', {
    channel_index: [0, 1],
    start: 0,
    duration: 1,
    is_final: isFinal,
    speech_final: isFinal,
    from_finalize: fromFinalize,
    channel: { alternatives: [{ transcript, confidence: 0.99, words: [] }] },
  });

export const utteranceEnd = (): string => text('UtteranceEnd', { channel: [0, 1], last_word_end: 1 });

export const listenMetadata = (id: number, seconds: number): string =>
  text('Metadata', { request_id: `mock-request-${id}`, duration: seconds, channels: 1 });

/** The `type` and the other fields of a client's text message; undefined for everything that is not a JSON object. */
export function readMessage(payload: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
