/** Owns a session, or passes one on, for the components below. */
import type { VoiceSession } from '@voxproxy/client/voice';
import type { ReactNode } from 'react';
import { SessionContext } from './session-context.ts';
import { useOwnedSession } from './use-owned-session.ts';
import type { VoiceProxyOptions } from './voice-proxy-options.ts';

export type VoiceProxyProviderProps = { readonly children?: ReactNode } & (
  | VoiceProxyOptions
  | {
      /** A session that was made elsewhere, and is disposed of there. */
      readonly session: VoiceSession;
    }
);

export function VoiceProxyProvider({ children, ...props }: VoiceProxyProviderProps): ReactNode {
  const given = 'session' in props ? props.session : undefined;
  const owned = useOwnedSession(given ? undefined : (props as VoiceProxyOptions));
  return <SessionContext.Provider value={given ?? owned}>{children}</SessionContext.Provider>;
}
