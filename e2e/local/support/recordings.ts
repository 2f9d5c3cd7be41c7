/** The bundled recordings, and what tests need to know to use them. */
import { readFileSync } from 'node:fs';
import { joinSamples, readWav } from '../pcm16.ts';
import type { Recording } from '../pcm16.ts';

/** File name and the words spoken. */
export const RECORDINGS: readonly (readonly [file: string, words: string])[] = [
  ['turn-on-the-light.wav', 'turn on the light'],
  ['what-time-is-it.wav', 'what time is it'],
  ['go-forward-ten-meters.wav', 'go forward ten meters'],
];

export function readRecording(file: string): Recording {
  return readWav(readFileSync(new URL(`../../app/assets/${file}`, import.meta.url)));
}

/** A loud tone between two silences, which any end-of-utterance detection takes for speech. */
export function toneOf(seconds: number, sampleRate = 16_000): Recording {
  const tone = Int16Array.from({ length: seconds * sampleRate }, (_, i) =>
    Math.round(8000 * Math.sin((2 * Math.PI * 220 * i) / sampleRate)),
  );
  const silence = new Int16Array(sampleRate);
  return { sampleRate, samples: joinSamples([silence.subarray(0, sampleRate / 2), tone, silence]) };
}
