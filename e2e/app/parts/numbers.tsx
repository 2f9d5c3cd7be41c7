/** The numbers of the session: traffic each way, time, reconnects, delay, and the fingerprint of what was heard. */
import { useEffect, useState } from 'react';
import type { ReactElement } from 'react';
import type { VoiceStats } from '@voxproxy/client/voice';
import type { CallRecord } from '../call-record.ts';

export interface HeardAudio {
  bytes: number;
  /** FNV-1a, 32 bits; eight hexadecimal digits. */
  fnv1a: string;
}

export interface NumbersProps {
  stats: VoiceStats;
  record: CallRecord;
  heard: HeardAudio | undefined;
}

export function Numbers({ stats, record, heard }: NumbersProps): ReactElement {
  const { framesSent, bytesSent, framesReceived, bytesReceived, reconnects } = stats;
  const { firstAudioMs } = record;
  return (
    <section className="card numbers-card" aria-labelledby="numbers">
      <h2 id="numbers">This session</h2>
      <dl className="numbers">
        <Figure name="Sent" value={toSize(bytesSent)} detail={count(framesSent, 'frame')} />
        <Figure name="Received" value={toSize(bytesReceived)} detail={count(framesReceived, 'frame')} />
        <Figure name="Connected" value={<Clock {...record} />} detail={count(reconnects, 'reconnect')} />
        <Figure
          name="First sound"
          value={firstAudioMs === undefined ? '–' : `${firstAudioMs} ms`}
          detail="after you finish"
        />
        <Figure
          name="Heard"
          value={<data value={heard?.bytes ?? 0}>{toSize(heard?.bytes ?? 0)}</data>}
          detail={heard?.bytes ? `hash ${heard.fnv1a}` : 'no sound yet'}
        />
      </dl>
    </section>
  );
}

function Figure({
  name,
  value,
  detail,
}: Record<'value' | 'detail', ReactElement | string> & { name: string }): ReactElement {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="figure">{value}</span>
        <span className="detail">{detail}</span>
      </dd>
    </div>
  );
}

function Clock({ readySince, readyMs }: CallRecord): ReactElement {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (readySince === undefined) return undefined;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [readySince]);
  const open = readySince === undefined ? 0 : Math.max(0, now - readySince);
  const seconds = Math.floor((readyMs + open) / 1000);
  return <>{`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`}</>;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function toSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(2)} MB`;
}
