/** The bundled recordings, each as a sound in place of the microphone, and the phrases that the local agent knows. */
import type { CaptureSource } from '@voxproxy/client/audio';

export interface Recording {
  text: string;
  file: string;
}

/** Human speech; what is said in it. */
export const RECORDINGS: readonly Recording[] = [
  { text: 'Turn on the light', file: '/assets/turn-on-the-light.wav' },
  { text: 'What time is it', file: '/assets/what-time-is-it.wav' },
  { text: 'Go forward ten meters', file: '/assets/go-forward-ten-meters.wav' },
];

/** In the order in which they are suggested. */
export const PHRASES: readonly string[] = [
  'Turn on the light',
  'What time is it',
  'What is the weather',
  'Tell me a joke',
  'Tell me a story',
  'Go forward ten meters',
  'Turn off the light',
  'Play some music',
  'Stop the music',
  'Hello',
  'Goodbye',
];

export interface PlayingRecording {
  recording: Recording;
  source: CaptureSource;
  stop(): void;
}

/** Audible to the visitor too. `onEnded` is called once: after the last sample, when stopped, when it cannot be had. */
export function playRecording(recording: Recording, onEnded: () => void): PlayingRecording {
  const stopping = new AbortController();
  const { signal } = stopping;
  const stop = (): void => stopping.abort();
  signal.addEventListener('abort', onEnded, { once: true });
  return {
    recording,
    stop,
    async source(context) {
      try {
        const response = await fetch(recording.file, { signal });
        const buffer = await context.decodeAudioData(await response.arrayBuffer());
        signal.throwIfAborted();
        return start(new AudioBufferSourceNode(context, { buffer }), signal, stop);
      } catch (error) {
        stop();
        throw error;
      }
    },
  };
}

function start(node: AudioBufferSourceNode, signal: AbortSignal, onEnded: () => void): AudioNode {
  node.connect(node.context.destination);
  node.addEventListener('ended', onEnded, { once: true });
  signal.addEventListener('abort', () => node.disconnect(), { once: true });
  node.start();
  return node;
}
