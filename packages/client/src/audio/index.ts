/** What `@voxproxy/client/audio` offers: sound in, sound out, and the errors of both. */
export {
  createSharedAudioContext,
  type AudioLease,
  type SharedAudioContext,
  type SharedAudioContextOptions,
} from './audio-context.ts';
export { createCapture, type Capture, type CaptureOptions, type CaptureSource } from './capture.ts';
export { MediaError, type MediaErrorCode } from './media-error.ts';
export type { MicrophoneOptions } from './microphone.ts';
export { createPlayback, type Playback, type PlaybackOptions, type PlaybackState } from './playback.ts';
export type { WorkletUrl } from './worklet-loader.ts';
