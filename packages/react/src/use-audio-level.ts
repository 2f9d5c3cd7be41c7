/** How loud both sides are, without rendering: given to a function, or to an element as custom properties of CSS. */
import type { VoiceSession } from '@voxproxy/client/voice';
import { useEffect, useInsertionEffect, useRef, type RefObject } from 'react';
import { useSession } from './session-context.ts';

/** Gets the loudness of microphone and agent (RMS, 0..1), at most 30 times a second. */
export type LevelListener = (input: number, output: number) => void;

/**
 * An element's `--voice-input` and `--voice-output` follow the levels. Of the provider's session, or of `own`.
 */
export function useAudioLevel(
  target: RefObject<HTMLElement | null> | LevelListener,
  own?: VoiceSession,
): void {
  const session = useSession(own);
  const latest = useRef(target);
  useInsertionEffect(() => {
    latest.current = target;
  });
  useEffect(
    () =>
      session.onLevel((input, output) => {
        const { current } = latest;
        if (typeof current === 'function') return current(input, output);
        const style = current.current?.style;
        style?.setProperty('--voice-input', input.toFixed(3));
        style?.setProperty('--voice-output', output.toFixed(3));
      }),
    [session],
  );
}
