/** The public surface of @voxproxy/react. */
export { VoiceProxyProvider, type VoiceProxyProviderProps } from './provider.tsx';
export { useAgentState } from './use-agent-state.ts';
export { useAudioLevel, type LevelListener } from './use-audio-level.ts';
export { useMicrophone, type MicrophoneControls } from './use-microphone.ts';
export { useVoiceProxy, type VoiceProxy } from './use-voice-proxy.ts';
export { useVoiceStatus, type VoiceStatus } from './use-voice-status.ts';
export { useVoiceTranscript } from './use-voice-transcript.ts';
export type { VoiceProxyOptions } from './voice-proxy-options.ts';
export { createVoiceSession } from '@voxproxy/client/voice';
export type {
  AgentMessage,
  AgentSettings,
  AgentState,
  TranscriptEntry,
  VoiceSession,
  VoiceSessionOptions,
  VoiceSnapshot,
  VoiceStats,
  VoiceWarning,
} from '@voxproxy/client/voice';
