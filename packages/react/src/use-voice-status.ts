/** The connection alone: a component that shows it does not render with every word. */
import type { VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import { useSession } from './session-context.ts';
import { useSelection } from './use-selection.ts';

export type VoiceStatus = Pick<VoiceSnapshot, 'state' | 'isReady' | 'error' | 'retryAt' | 'attempt'>;

/** Of the provider's session, or of `session`. */
export function useVoiceStatus(session?: VoiceSession): VoiceStatus {
  return useSelection(useSession(session), statusOf);
}

const statusOf = ({ state, isReady, error, retryAt, attempt }: VoiceSnapshot): VoiceStatus => ({
  state,
  isReady,
  error,
  retryAt,
  attempt,
});
