/** What went wrong and what to do, announced when it appears. Shows nothing while nothing is wrong. */
import type { ReactElement } from 'react';
import type { VoiceSnapshot } from '@voxproxy/client/voice';
import { errorWords } from '../error-words.ts';
import { Icon } from './icon.tsx';

/** A connection that comes back by itself at once is not worth an alarm; the conversation has a line about it. */
const ATTEMPTS_WITHOUT_ALARM = 1;

export function ErrorNotice({ error, state, attempt }: VoiceSnapshot): ReactElement {
  const isPassing =
    ['waiting', 'authorizing', 'connecting'].includes(state) && attempt <= ATTEMPTS_WITHOUT_ALARM;
  const shown = error && !isPassing ? errorWords(error) : undefined;
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
