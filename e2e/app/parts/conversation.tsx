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

const SPEAKERS = { user: 'You', assistant: 'Agent' } as const;

export function Conversation({ snapshot, record, isLocal, onSay }: ConversationProps): ReactElement {
  const end = useRef<HTMLDivElement>(null);
  const lines = inOrder(snapshot.transcript, record.notes);
  const pending = pendingOf(snapshot, record);
  useEffect(() => {
    if (end.current) end.current.scrollTop = end.current.scrollHeight;
  }, [lines.length, pending]);
  return (
    <div className="conversation" ref={end} role="log" aria-label="Conversation" tabIndex={0}>
      {lines.length === 0 && !pending && <EmptyState isLocal={isLocal} onSay={onSay} />}
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
      <span data-said-by={role}>{text}</span>
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
          <p>The agent on this machine understands a few phrases. Say one, or press it:</p>
          <ul className="phrases">
            {PHRASES.map((phrase) => (
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
