/** A bar as long as the sound is loud, moved outside React's state, because it changes 30 times a second. */
import { useRef } from 'react';
import type { ReactElement } from 'react';
import { useAudioLevel } from '@voxproxy/react';
import type { VoiceSession } from '@voxproxy/client/voice';

export interface LevelMeterProps {
  label: string;
  side: 'input' | 'output';
  session: VoiceSession;
}

export function LevelMeter({ label, side, session }: LevelMeterProps): ReactElement {
  const bar = useRef<HTMLSpanElement>(null);
  useAudioLevel((input, output) => {
    const level = toLength(side === 'input' ? input : output);
    bar.current?.style.setProperty('--level', level.toFixed(3));
  }, session);
  return (
    <div className={`meter meter-${side}`}>
      <span className="meter-label">{label}</span>
      <span className="meter-track" aria-hidden="true">
        <span className="meter-bar" ref={bar} />
      </span>
    </div>
  );
}

/** Loudness as ears have it: nothing at 50 dB below full scale, all of the bar at 8 dB below. */
function toLength(rms: number): number {
  const decibels = 20 * Math.log10(Math.max(rms, 1e-6));
  return Math.min(1, Math.max(0, (decibels + 50) / 42));
}
