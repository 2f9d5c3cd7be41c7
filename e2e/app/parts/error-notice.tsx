/** What went wrong and what to do, announced when it appears. Shows nothing while nothing is wrong. */
import type { ReactElement } from 'react';
import type { VoiceSnapshot } from '@voxproxy/client/voice';
import { errorWords } from '../error-words.ts';
import type { ErrorWords } from '../error-words.ts';
import { Icon } from './icon.tsx';

export function ErrorNotice(snapshot: VoiceSnapshot): ReactElement {
  const shown = noticeOf(snapshot);
  return (
    <div className="alerts" role="alert">
      {shown && (
        <div className="notice">
          <Icon name="warning" />
          <p>
            <strong>{shown.title}.</strong> {shown.todo}
          </p>
        </div>
      )}
    </div>
  );
}

/** A connection that comes back by itself at once is not worth an alarm; the conversation has a line about it. */
function noticeOf({ error, state, attempt }: VoiceSnapshot): ErrorWords | undefined {
  if (!error) return undefined;
  const isTryingAgain = ['waiting', 'authorizing', 'connecting', 'offline'].includes(state);
  if (!isTryingAgain) return errorWords(error);
  return attempt > 1 ? { ...errorWords(error), todo: 'The page keeps trying by itself.' } : undefined;
}
