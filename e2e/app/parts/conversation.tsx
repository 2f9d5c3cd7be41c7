/** What was said, the user on the right and the agent on the left, with what is being said or thought of last. */
import { useEffect, useRef } from 'react';
import type { ReactElement } from 'react';
import type { TranscriptEntry, VoiceSnapshot } from '@voxproxy/client/voice';
import type { CallNote, CallRecord } from '../call-record.ts';
import { PHRASES } from '../recordings.ts';

export interface ConversationProps {
  snapshot: VoiceSnapshot;
  record: CallRecord;
  /** Whether the agent knows the phrases only, as the local one does. */
  isLocal: boolean;
  onSay(text: string): void;
}

/** How many of the phrases fit on a phone. */
const SUGGESTED = 5;
const SPEAKERS = { user: 'You', assistant: 'Agent' } as const;

export function Conversation({ snapshot, record, isLocal, onSay }: ConversationProps): ReactElement {
  const log = useRef<HTMLDivElement>(null);
  const lines = inOrder(snapshot.transcript, record.notes);
  const pending = pendingOf(snapshot, record);
  const isEmpty = lines.length === 0 && !pending;
  useEffect(() => {
    if (log.current && !isEmpty) log.current.scrollTop = log.current.scrollHeight;
  }, [lines.length, pending, isEmpty]);
  /** The pressed phrase goes with the empty state, and the focus must not be lost with it. */
  const say = (text: string): void => {
    onSay(text);
    log.current?.focus();
  };
  return (
    <div className="conversation" ref={log} role="log" aria-label="What was said" tabIndex={0}>
      {isEmpty && <EmptyState isLocal={isLocal} onSay={say} />}
      {lines.map((line) =>
        'role' in line ? <Bubble key={line.id} {...line} /> : <Note key={line.id} {...line} />,
      )}
      {pending && (
        <p className={`bubble bubble-${pending} bubble-pending`}>
          <span className="hidden">{pending === 'user' ? 'You are speaking' : 'The agent is thinking'}</span>
          <i aria-hidden="true" />
          <i aria-hidden="true" />
          <i aria-hidden="true" />
        </p>
      )}
    </div>
  );
}

function inOrder(
  entries: readonly TranscriptEntry[],
  notes: readonly CallNote[],
): readonly (TranscriptEntry | CallNote)[] {
  return [...entries, ...notes].sort((a, b) => a.at - b.at);
}

/** Whose words are on their way. */
function pendingOf(
  { agentState }: VoiceSnapshot,
  { isUserSpeaking }: CallRecord,
): TranscriptEntry['role'] | undefined {
  if (isUserSpeaking) return 'user';
  return agentState === 'thinking' ? 'assistant' : undefined;
}

function Bubble({ role, text }: TranscriptEntry): ReactElement {
  return (
    <p className={`bubble bubble-${role}`}>
      <span className="hidden">{SPEAKERS[role]}: </span>
      <span className="said">{text}</span>
    </p>
  );
}

function Note({ text }: CallNote): ReactElement {
  return <p className="note">{text}</p>;
}

function EmptyState({ isLocal, onSay }: Pick<ConversationProps, 'isLocal' | 'onSay'>): ReactElement {
  return (
    <div className="empty">
      <p className="empty-title">Nothing said yet</p>
      {isLocal ? (
        <>
          <p>The agent on this machine understands a few phrases. Say one, or press it.</p>
          <ul className="phrases">
            {PHRASES.slice(0, SUGGESTED).map((phrase) => (
              <li key={phrase}>
                <button type="button" onClick={() => onSay(phrase)}>
                  {phrase}
                </button>
              </li>
            ))}
          </ul>
        </>
      ) : (
        <p>Press Talk and say something.</p>
      )}
    </div>
  );
}
