/** Which session a component talks about: one that it is given, or its provider's. */
import type { VoiceSession } from '@voxproxy/client/voice';
import { createContext, useContext } from 'react';

export const SessionContext = /* @__PURE__ */ createContext<VoiceSession | undefined>(undefined);

/** Throws where there is neither. */
export function useSession(own: VoiceSession | undefined): VoiceSession {
  const inherited = useContext(SessionContext);
  const session = own ?? inherited;
  if (session) return session;
  throw new Error(
    'There is no voice session here: give the hook options, or put a <VoiceProxyProvider> above.',
  );
}
