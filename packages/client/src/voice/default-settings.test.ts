import { describe, expect, it } from 'vitest';
import type { TranscriptEntry } from './conversation.ts';
import { DEFAULT_SETTINGS, HISTORY_LENGTH, toSettings } from './default-settings.ts';

const entry = (role: TranscriptEntry['role'], text: string): TranscriptEntry => ({
  id: text,
  role,
  text,
  at: 0,
});

describe('toSettings', () => {
  it('asks for the audio formats of capture and playback', () => {
    expect(toSettings(undefined, [])).toMatchObject({
      type: 'Settings',
      audio: {
        input: { encoding: 'linear16', sample_rate: 16_000 },
        output: { encoding: 'linear16', sample_rate: 24_000, container: 'none' },
      },
    });
  });

  it('is the default when nothing is set and nothing was said', () => {
    expect(toSettings(undefined, [])).toEqual(DEFAULT_SETTINGS);
  });

  it('replaces parts of the agent and passes unknown fields', () => {
    const think = { provider: { type: 'anthropic', model: 'm' } };
    const settings = toSettings({ tags: ['a'], agent: { think, greeting: 'Hello!' } }, []);
    expect(settings).toMatchObject({
      tags: ['a'],
      agent: { think, greeting: 'Hello!', speak: DEFAULT_SETTINGS.agent.speak },
    });
  });

  it('reminds of the history instead of greeting again', () => {
    const { agent } = toSettings({ agent: { greeting: 'Hello!' } }, [
      entry('user', 'hi'),
      entry('assistant', 'Hello.'),
    ]);
    expect(agent).not.toHaveProperty('greeting');
    expect(agent).toMatchObject({
      context: {
        messages: [
          { type: 'History', role: 'user', content: 'hi' },
          { type: 'History', role: 'assistant', content: 'Hello.' },
        ],
      },
    });
  });

  it('puts the history behind a context of the application, and keeps the last messages', () => {
    const own = { type: 'History', role: 'user', content: 'before' };
    const settings = { agent: { context: { messages: [own] } } };
    expect(toSettings(settings, [])).toMatchObject(settings);
    expect(messagesOf(toSettings(settings, [entry('user', 'hi')]))[0]).toEqual(own);
    const long = Array.from({ length: HISTORY_LENGTH }, (_, i) => entry('user', `${i}`));
    const messages = messagesOf(toSettings(settings, long));
    expect(messages.length).toBe(HISTORY_LENGTH);
    expect(messages[0]).toMatchObject({ content: '0' });
  });

  it('passes the id of an agent that is kept at the provider unchanged', () => {
    expect(toSettings({ agent: 'an-agent-id' }, [entry('user', 'hi')]).agent).toBe('an-agent-id');
  });
});

function messagesOf(settings: ReturnType<typeof toSettings>): readonly object[] {
  const { agent } = settings;
  return (typeof agent === 'object' && agent.context?.messages) || [];
}
