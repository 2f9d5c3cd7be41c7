/**
 * Fetches the audio part when it is first needed, so that a page's first load does not carry it. Once it is here,
 * it is had without waiting: browsers open audio only in the very task of a user gesture.
 */
import type { createCapture } from '../audio/capture.ts';
import type { createPlayback } from '../audio/playback.ts';
import { ConnectionError } from '../errors.ts';

/** What of `@voxproxy/client/audio` a session uses. */
export interface VoiceAudio {
  readonly createCapture: typeof createCapture;
  readonly createPlayback: typeof createPlayback;
}

const importAudio = (): Promise<VoiceAudio> => import('../audio/index.ts');

export class AudioLoader {
  /** The part, once it is here. */
  loaded: VoiceAudio | undefined;
  readonly #import: () => Promise<VoiceAudio>;
  #loading: Promise<VoiceAudio> | undefined;

  constructor(load: () => Promise<VoiceAudio> = importAudio) {
    this.#import = load;
  }

  /** Rejects with ConnectionError `audio_not_loaded`; a later call then tries again. */
  load(): Promise<VoiceAudio> {
    return (this.#loading ??= this.#load());
  }

  async #load(): Promise<VoiceAudio> {
    try {
      return (this.loaded = await this.#import());
    } catch (cause) {
      this.#loading = undefined;
      throw new ConnectionError('audio_not_loaded', 'The audio part of the page could not be loaded.', {
        cause,
      });
    }
  }
}
