/** The microphone alone: its state and its switches. */
import type { VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import { useMemo } from 'react';
import { useSession } from './session-context.ts';
import { useSelection } from './use-selection.ts';

export interface MicrophoneControls extends Pick<VoiceSnapshot, 'isMicOn' | 'isMuted'> {
  /** Call it from a click; what it rejects with is in the status' `error`, too. */
  start(): Promise<void>;
  /** Ends it at once, and the browser's sign of it. */
  stop(): void;
  setMuted(isMuted: boolean): void;
  /** One of enumerateDevices(), or undefined for the default. */
  setDevice(deviceId: string | undefined): Promise<void>;
}

/** Of the provider's session, or of `own`. */
export function useMicrophone(own?: VoiceSession): MicrophoneControls {
  const session = useSession(own);
  const state = useSelection(session, stateOf);
  return useMemo(() => {
    const { startMic: start, stopMic: stop, setMuted, setDevice } = session;
    return { ...state, start, stop, setMuted, setDevice };
  }, [session, state]);
}

const stateOf = ({ isMicOn, isMuted }: VoiceSnapshot): Pick<VoiceSnapshot, 'isMicOn' | 'isMuted'> => ({
  isMicOn,
  isMuted,
});
