/** The one big button, what the agent does, and how loud both sides are. */
import type { ReactElement } from 'react';
import type { VoiceSession, VoiceSnapshot } from '@voxproxy/client/voice';
import { agentWords, isInCall } from '../connection-words.ts';
import { Icon } from './icon.tsx';
import { LevelMeter } from './level-meter.tsx';

export interface CallPanelProps {
  snapshot: VoiceSnapshot;
  session: VoiceSession;
  onTalk(): void;
  onHangUp(): void;
}

export function CallPanel({ snapshot, session, onTalk, onHangUp }: CallPanelProps): ReactElement {
  const { state, agentState } = snapshot;
  const { title, hint } = agentWords(snapshot);
  const isOn = isInCall(state);
  return (
    <section className="card call" aria-label="Call" data-agent={agentState} data-on={isOn}>
      <div className="talk-ring">
        <button className="talk" type="button" onClick={isOn ? onHangUp : onTalk}>
          <Icon name={isOn ? 'hangUp' : 'microphone'} />
          <span>{isOn ? 'Hang up' : 'Talk'}</span>
        </button>
      </div>
      <div className="call-state" role="status" aria-label="Agent">
        <p className="call-title">{title}</p>
        <p className="call-hint">{hint}</p>
      </div>
      <div className="meters">
        <LevelMeter label="You" side="input" session={session} />
        <LevelMeter label="Agent" side="output" session={session} />
      </div>
      <div className="call-actions">
        <MicrophoneButton snapshot={snapshot} session={session} onStart={onTalk} />
        <button type="button" disabled={agentState !== 'speaking'} onClick={() => session.interrupt()}>
          Stop the agent
        </button>
      </div>
    </section>
  );
}

interface MicrophoneButtonProps extends Pick<CallPanelProps, 'snapshot' | 'session'> {
  onStart(): void;
}

/** A call may begin without a microphone and get one later. */
function MicrophoneButton({ snapshot, session, onStart }: MicrophoneButtonProps): ReactElement {
  const { isReady, isMicOn, isMuted } = snapshot;
  if (isReady && !isMicOn) {
    return (
      <button type="button" onClick={onStart}>
        Use microphone
      </button>
    );
  }
  const toggle = (): void => session.setMuted(!isMuted);
  return (
    <button type="button" disabled={!isMicOn} aria-pressed={isMuted} onClick={toggle}>
      Mute me
    </button>
  );
}
