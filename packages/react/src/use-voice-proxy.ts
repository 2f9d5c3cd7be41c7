/** The coarse hook: everything that a component may want to show, and everything it may do. */
import type { VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import { useMemo } from 'react';
import { useSession } from './session-context.ts';
import { useOwnedSession } from './use-owned-session.ts';
import { useSelection } from './use-selection.ts';
import type { VoiceProxyOptions } from './voice-proxy-options.ts';

type Actions =
  | 'disconnect'
  | 'sendText'
  | 'sendJson'
  | 'interrupt'
  | 'clearTranscript'
  | 'stopMic'
  | 'setMuted'
  | 'setDevice'
  | 'setVolume';

/** Methods can be passed around on their own; those with a promise never cause an unhandled rejection. */
export interface VoiceProxy extends VoiceSnapshot, Pick<VoiceSession, Actions> {
  /** Call it from a click: opens the playback, starts the input, and connects. */
  connect(): Promise<void>;
  /** Call it from a click. */
  startMic(): Promise<void>;
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
  return useMemo(() => ({ ...session, ...snapshot, session }), [snapshot, session]);
}

const whole = (snapshot: VoiceSnapshot): VoiceSnapshot => snapshot;
