/** What was said, or what a selector makes of it. */
import type { TranscriptEntry, VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import { useCallback } from 'react';
import { useSession } from './session-context.ts';
import { useSelection } from './use-selection.ts';

type Transcript = readonly TranscriptEntry[];

/** Of the provider's session, or of `session`. */
export function useVoiceTranscript(): Transcript;
export function useVoiceTranscript<Part>(
  selector: ((transcript: Transcript) => Part) | undefined,
  session?: VoiceSession,
): Part;
export function useVoiceTranscript(
  selector: (transcript: Transcript) => unknown = all,
  session?: VoiceSession,
): unknown {
  const select = useCallback(({ transcript }: VoiceSnapshot) => selector(transcript), [selector]);
  return useSelection(useSession(session), select);
}

const all = (transcript: Transcript): Transcript => transcript;
