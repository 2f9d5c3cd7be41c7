/** The state of the connection in a word or two, told also to those who cannot see it. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { VoiceSnapshot } from '@voxproxy/client/voice';
import { connectionWords } from '../connection-words.ts';

export function ConnectionPill({ state, isReady, retryAt }: VoiceSnapshot): ReactElement {
  const { text, tone } = connectionWords({ state, isReady });
  return (
    <p className={`pill pill-${tone}`} role="status" aria-label="Connection">
      <span className="pill-dot" aria-hidden="true" />
      {text}
      {state === 'waiting' && retryAt !== undefined && <Countdown until={retryAt} />}
    </p>
  );
}

function Countdown({ until }: { until: number }): ReactElement | null {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.ceil((until - now) / 1000);
  return seconds > 1 ? <span aria-hidden="true">in {seconds} s</span> : null;
}
