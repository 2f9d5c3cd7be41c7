/** A line to type in instead of speaking. */
import { useState } from 'react';
import type { FormEvent, ReactElement } from 'react';
import { Icon } from './icon.tsx';

export function Composer({ onSend }: { onSend(text: string): void }): ReactElement {
  const [text, setText] = useState('');
  const send = (event: FormEvent): void => {
    event.preventDefault();
    if (text.trim() === '') return;
    onSend(text.trim());
    setText('');
  };
  return (
    <form className="composer" onSubmit={send}>
      <label className="hidden" htmlFor="message">
        Message to the agent
      </label>
      <input
        id="message"
        value={text}
        onChange={(event) => setText(event.target.value)}
        placeholder="Type instead of talking"
        autoComplete="off"
        maxLength={500}
      />
      <button type="submit" aria-label="Send">
        <Icon name="send" />
      </button>
    </form>
  );
}
