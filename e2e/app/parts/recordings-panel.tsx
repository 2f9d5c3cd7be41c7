/** Recordings that stand in for a microphone, and what can be said. */
import type { ReactElement } from 'react';
import { PHRASES, RECORDINGS } from '../recordings.ts';
import type { Recording } from '../recordings.ts';
import { Icon } from './icon.tsx';

export interface RecordingsPanelProps {
  isLocal: boolean;
  /** The one that is being played. */
  playing: Recording | undefined;
  onPlay(recording: Recording): void;
}

export function RecordingsPanel({ isLocal, playing, onPlay }: RecordingsPanelProps): ReactElement {
  return (
    <section className="card recordings-card" aria-labelledby="recordings">
      <h2 id="recordings">No microphone? Play a recording</h2>
      <ul className="recordings">
        {RECORDINGS.map((recording) => (
          <li key={recording.file}>
            <button
              type="button"
              disabled={playing !== undefined}
              data-playing={playing === recording}
              onClick={() => onPlay(recording)}
            >
              <Icon name="play" />
              {recording.text}
            </button>
          </li>
        ))}
      </ul>
      {isLocal && (
        <details>
          <summary>What the agent understands</summary>
          <p>{PHRASES.join(' · ')}</p>
        </details>
      )}
    </section>
  );
}
