/** The page's few pictures, drawn in the colour of the text around them; the words beside them say what they mean. */
import type { ReactElement } from 'react';

const PATHS = {
  microphone: 'M12 3.5a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0v-5a3 3 0 0 1 3-3ZM5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3',
  hangUp: 'M3.2 14.6c5-4.6 12.6-4.6 17.6 0l-1.9 2.7-3.8-1.3v-2.4c-2-.7-4.2-.7-6.2 0V16l-3.8 1.3-1.9-2.7Z',
  play: 'M8 5.5v13l10.5-6.5L8 5.5Z',
  stop: 'M7 7h10v10H7z',
  send: 'M5 12h13M12.5 6l6 6-6 6',
  warning: 'M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17v.1',
} as const;

export function Icon({ name }: { name: keyof typeof PATHS }): ReactElement {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
