import { describe, expect, it } from 'vitest';
import type { ListenMessage } from './listen-messages.ts';
import { readListenParameters } from './listen-parameters.ts';
import { ListenSession } from './listen-session.ts';
import { bytesOf } from './pcm16.ts';
import type { RecogniseOptions } from './recognise.ts';
import { toneOf } from './support/recordings.ts';

const TONE = bytesOf(toneOf(1).samples);

interface Asked extends RecogniseOptions {
  answer: (text: string) => void;
  fail: (error: Error) => void;
}

/** A session whose recogniser answers when the test says so. */
function scriptedSession(): {
  session: ListenSession;
  asked: Asked[];
  told: ListenMessage[];
  failures: unknown[];
} {
  const asked: Asked[] = [];
  const told: ListenMessage[] = [];
  const failures: unknown[] = [];
  const recognise = (_: Int16Array, options: RecogniseOptions): Promise<string> =>
    new Promise((answer, fail) => void asked.push({ ...options, answer, fail }));
  const parameters = readListenParameters(new URLSearchParams('encoding=linear16&sample_rate=16000'));
  if (typeof parameters === 'string') throw new Error(parameters);
  const outlet = {
    json: (message: ListenMessage) => told.push(message),
    fail: (error: unknown) => failures.push(error),
  };
  const session = new ListenSession(parameters, { recognise, close: async () => {} }, outlet);
  return { session, asked, told, failures };
}

const turn = (): Promise<void> => new Promise(setImmediate);

describe('a listen session', () => {
  it('tells the summary only after the words that are still due', async () => {
    const { session, asked, told } = scriptedSession();
    session.onAudio(TONE);
    session.onAudio(TONE);
    const finished = new Promise<void>((resolve) => session.finish(resolve));
    await turn();
    expect(told).toEqual([]);
    asked[0]?.answer('one');
    await turn();
    asked[1]?.answer('two');
    await finished;
    expect(told.map((message) => message.type)).toEqual(['Results', 'Results', 'Metadata']);
    expect(told[0]).toMatchObject({ channel: { alternatives: [{ transcript: 'one' }] } });
    expect(told[1]).toMatchObject({ channel: { alternatives: [{ transcript: 'two' }] } });
  });

  it('aborts what is being recognised when it ends, and reports no failure then', async () => {
    const { session, asked, failures } = scriptedSession();
    session.onAudio(TONE);
    await turn();
    expect(asked[0]?.signal.aborted).toBe(false);
    session.end();
    expect(asked[0]?.signal.aborted).toBe(true);
    asked[0]?.fail(new Error('aborted'));
    await turn();
    expect(failures).toEqual([]);
  });

  it('reports a recogniser that fails, and more utterances than it keeps', async () => {
    const { session, asked, failures } = scriptedSession();
    session.onAudio(TONE);
    await turn();
    asked[0]?.fail(new Error('broken'));
    await turn();
    expect(failures).toEqual([new Error('broken')]);
    for (let utterances = 0; utterances < 9; utterances += 1) session.onAudio(TONE);
    await turn();
    expect(failures).toHaveLength(2);
  });
});
