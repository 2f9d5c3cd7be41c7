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

/** The first message of listen v2. */
export const connected = (id: number): string =>
  text('Connected', { request_id: `mock-request-${id}`, sequence_id: 0 });

export interface TurnInfo {
  readonly id: number;
  readonly sequence: number;
  readonly event: 'StartOfTurn' | 'Update' | 'EndOfTurn';
  readonly transcript: string;
}

export const turnInfo = ({ id, sequence, event, transcript }: TurnInfo): string =>
  text('TurnInfo', {
    request_id: `mock-request-${id}`,
    sequence_id: sequence,
    event,
    turn_index: 0,
    audio_window_start: 0,
    audio_window_end: 1,
    transcript,
    words: transcript.split(' ').map((word) => ({ word, confidence: 0.99 })),
    end_of_turn_confidence: event === 'EndOfTurn' ? 0.9 : 0.1,
  });

export const speakMetadata = (id: number): string =>
  text('Metadata', {
    request_id: `mock-request-${id}`,
    model_name: 'mock',
    model_version: 'mock',
    model_uuid: 'mock',
  });
export const flushed = (sequence: number): string => text('Flushed', { sequence_id: sequence });
export const cleared = (sequence: number): string => text('Cleared', { sequence_id: sequence });
