/** What `@voxproxy/client/voice` offers: a conversation with a voice agent, without a framework. */
export { createVoiceSession } from './voice-session.ts';
export { IDLE_SNAPSHOT, type VoiceSnapshot, type VoiceStats } from './snapshot.ts';
export { DEFAULT_SETTINGS, type AgentSettings } from './default-settings.ts';
export type { AgentMessage, AgentState, TranscriptEntry } from './conversation.ts';
export type { VoiceAudio } from './audio-loader.ts';
export type { VoiceEvents, VoiceSession, VoiceSessionOptions, VoiceWarning } from './voice-options.ts';
