/** The coarse hook: everything that a component may want to show, and everything it may do. */
import type { VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import { useMemo } from 'react';
import { useSession } from './session-context.ts';
import { useOwnedSession } from './use-owned-session.ts';
import { useSelection } from './use-selection.ts';
import type { VoiceProxyOptions } from './voice-proxy-options.ts';

/** The methods can be passed around on their own. Those with a promise never cause an unhandled rejection. */
export interface VoiceProxyActions extends Pick<
  VoiceSession,
  'sendText' | 'sendJson' | 'setMuted' | 'setDevice' | 'setVolume'
> {
  /** Call it from a click: opens the playback, starts the input, and connects. */
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  interrupt(): void;
  clearTranscript(): void;
  /** Call it from a click. */
  startMic(): Promise<void>;
  stopMic(): void;
}

export interface VoiceProxy extends VoiceSnapshot, VoiceProxyActions {
  /** For everything else: events, levels, the client below. */
  readonly session: VoiceSession;
}

/**
 * With options the component owns a session of its own; without, it uses that of the `<VoiceProxyProvider>` above.
 * The result is another object only when something in it differs. Throws where there is neither.
 */
export function useVoiceProxy(options?: VoiceProxyOptions): VoiceProxy {
  const session = useSession(useOwnedSession(options));
  const snapshot = useSelection(session, whole);
  const actions = useMemo(() => toActions(session), [session]);
  return useMemo(() => ({ ...snapshot, ...actions, session }), [snapshot, actions, session]);
}

const whole = (snapshot: VoiceSnapshot): VoiceSnapshot => snapshot;

function toActions(session: VoiceSession): VoiceProxyActions {
  return {
    connect: () => session.connect(),
    disconnect: () => session.disconnect(),
    sendText: (text) => session.sendText(text),
    sendJson: (message) => session.sendJson(message),
    interrupt: () => session.interrupt(),
    clearTranscript: () => session.clearTranscript(),
    startMic: () => session.startMic(),
    stopMic: () => session.stopMic(),
    setMuted: (isMuted) => session.setMuted(isMuted),
    setDevice: (deviceId) => session.setDevice(deviceId),
    setVolume: (volume) => session.setVolume(volume),
  };
}
