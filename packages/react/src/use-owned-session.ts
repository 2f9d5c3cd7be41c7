/** A session for the life of the component that calls it. Rendering makes the object only; what it opens needs an effect or a call. */
import type { VoiceSession } from '@voxproxy/client/voice';
import { useEffect, useInsertionEffect, useRef, useState } from 'react';
import { SessionHolder } from './session-holder.ts';
import type { VoiceProxyOptions } from './voice-proxy-options.ts';

/** Undefined as long as there are no options; taking them away lets go of the session. */
export function useOwnedSession(options: VoiceProxyOptions | undefined): VoiceSession | undefined {
  const latest = useRef(options);
  useInsertionEffect(() => {
    latest.current = options ?? latest.current;
  });
  const create = (): SessionHolder => new SessionHolder(() => latest.current as VoiceProxyOptions);
  const [holder, setHolder] = useState(() => options && create());
  const isOwner = options !== undefined;
  const autoConnect = options?.autoConnect;
  const url = options && String(options.url);

  // Alone among effects this one neither ends when the component is hidden nor waits for a later task when it goes.
  useInsertionEffect(() => (isOwner ? holder?.hold('mounted') : undefined), [holder, isOwner]);
  useEffect(() => {
    if (!isOwner) return undefined;
    if (holder && !holder.isOver) return holder.hold('shown');
    setHolder(create);
    return undefined;
  }, [holder, isOwner]);
  useEffect(() => void holder?.session.preload(), [holder]);
  useEffect(() => {
    if (url !== undefined) holder?.session.setUrl(url);
  }, [holder, url]);
  useEffect(() => {
    if (autoConnect && !holder?.isOver) void holder?.session.connect();
  }, [holder, autoConnect]);
  return isOwner ? holder?.session : undefined;
}
