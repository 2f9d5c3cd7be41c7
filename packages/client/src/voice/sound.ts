/** The sound of a session, both ways: makes microphone, playback and levels from the session's options, and opens none. */
import type { MediaError } from '../audio/media-error.ts';
import type { Scheduler } from '../connection/scheduler.ts';
import type { VoxError } from '../errors.ts';
import { AudioLoader } from './audio-loader.ts';
import { INPUT_SAMPLE_RATE, OUTPUT_SAMPLE_RATE } from './default-settings.ts';
import { Levels } from './levels.ts';
import { Mic } from './mic.ts';
import { Speaker } from './speaker.ts';
import type { VoiceSessionOptions } from './voice-options.ts';

export interface SoundListener {
  readonly onFrame: (frame: Uint8Array<ArrayBuffer>) => void;
  /** The microphone is on, off or muted. */
  readonly onMic: () => void;
  /** Something began to be heard, or has been. */
  readonly onSpeaker: () => void;
  readonly onError: (error: MediaError | VoxError) => void;
}

export class Sound {
  readonly audio: AudioLoader;
  readonly levels: Levels;
  readonly mic: Mic;
  readonly speaker: Speaker;

  constructor(options: VoiceSessionOptions, scheduler: Scheduler, listener: SoundListener) {
    const { loadAudio, microphone, workletUrl } = options;
    const { onFrame, onMic, onSpeaker, onError } = listener;
    const worklet = workletUrl === undefined ? {} : { workletUrl };
    this.audio = new AudioLoader(loadAudio);
    this.levels = new Levels(scheduler);
    this.mic = new Mic({
      audio: this.audio,
      capture: { ...microphone, ...worklet, sampleRate: INPUT_SAMPLE_RATE },
      onFrame,
      onLevel: (level) => this.levels.set('input', level),
      onChange: onMic,
      onError,
    });
    this.speaker = new Speaker({
      audio: this.audio,
      playback: { ...worklet, sampleRate: OUTPUT_SAMPLE_RATE },
      onLevel: (level) => this.levels.set('output', level),
      onChange: onSpeaker,
      onError,
    });
  }
}
