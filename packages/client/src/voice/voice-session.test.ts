import { describe, expect, it } from 'vitest';
import { createFakeClients } from '../../test/support/fake-client.ts';
import { connecting, createVoiceFixture, talking } from '../../test/support/voice-fixture.ts';
import { ConnectionError } from '../errors.ts';
import { IDLE_SNAPSHOT } from './snapshot.ts';

const textsOf = (frames: readonly (string | Uint8Array)[]): (string | number[])[] =>
  frames.map((frame) => (typeof frame === 'string' ? (JSON.parse(frame).type as string) : [...frame]));

describe('before connect()', () => {
  it('makes no client, loads no audio and shows the idle snapshot', async () => {
    const { session, clients, audio, scheduler } = await createVoiceFixture();
    expect(session.getSnapshot()).toBe(IDLE_SNAPSHOT);
    expect([clients.length, audio.captures.length, audio.playbacks.length, scheduler.pending.length]).toEqual(
      [0, 0, 0, 0],
    );
  });

  it('takes no message', async () => {
    const { session } = await createVoiceFixture();
    expect(session.sendText('hi')).toBe(false);
    expect(session.getSnapshot().transcript).toEqual([]);
  });
});

describe('opening', () => {
  it('resolves when the connection is open, which is not yet ready', async () => {
    const { session, client } = await connecting();
    expect(session.getSnapshot().state).toBe('connecting');
    const opened = session.connect();
    client.open();
    await opened;
    expect(session.getSnapshot()).toMatchObject({ state: 'open', isReady: false, agentState: 'idle' });
    client.say({ type: 'SettingsApplied' });
    expect(session.getSnapshot()).toMatchObject({ isReady: true, agentState: 'listening' });
  });

  it('sends Settings first, and what was said and heard before in order once they are applied', async () => {
    const { session, client, capture } = await connecting();
    capture.hear(1, 2);
    session.sendText('hi');
    client.open();
    capture.hear(3, 4);
    expect(textsOf(client.sent)).toEqual(['Settings']);
    client.say({ type: 'SettingsApplied' });
    capture.hear(5, 6);
    expect(textsOf(client.sent)).toEqual(['Settings', [1, 2], 'InjectUserMessage', [3, 4], [5, 6]]);
  });

  it('keeps the newest audio within the budget, and counts what it drops', async () => {
    const { session, client, capture, scheduler } = await connecting({ maxHeldAudioMs: 1 });
    for (let i = 0; i < 20; i++) capture.hear(i, i);
    client.open();
    client.say({ type: 'SettingsApplied' });
    expect(client.sent.slice(1, 3)).toEqual([new Uint8Array([4, 4]), new Uint8Array([5, 5])]);
    scheduler.advance(1_000);
    expect(session.getSnapshot().stats.bytesDropped).toBe(8);
  });

  it('asks a function for the settings of each connection', async () => {
    let asked = 0;
    const { client } = await connecting({ settings: () => ({ tags: [`${++asked}`] }) });
    client.open();
    client.lose();
    client.open();
    expect(client.connections.map(([first]) => JSON.parse(first as string).tags)).toEqual([['1'], ['2']]);
  });

  it('is ready at once where no settings are wanted', async () => {
    const { session, client } = await connecting({ settings: false });
    session.sendText('hi');
    client.open();
    expect(textsOf(client.sent)).toEqual(['InjectUserMessage']);
    expect(session.getSnapshot()).toMatchObject({ isReady: true, agentState: 'thinking' });
  });

  it('ends with an error when the settings cannot be made', async () => {
    const settings = () => {
      throw new Error('no');
    };
    const { session, client } = await connecting({ settings });
    client.open();
    expect(session.getSnapshot()).toMatchObject({ state: 'closed', error: { code: 'bad_settings' } });
  });

  it('starts nothing for a signal that is aborted already', async () => {
    const { session, audio, clients } = await createVoiceFixture();
    await expect(session.connect({ signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect([clients.length, audio.captures.length, session.getSnapshot().state]).toEqual([0, 0, 'idle']);
  });

  it('fails with the reason when options are wrong', async () => {
    const createClient = () => {
      throw new TypeError('token must be …');
    };
    const { session } = await createVoiceFixture({ createClient });
    await expect(session.connect()).rejects.toMatchObject({ code: 'bad_options' });
    expect(session.getSnapshot()).toMatchObject({
      state: 'failed',
      error: { code: 'bad_options' },
      isMicOn: false,
    });
  });
});

describe('a lost connection', () => {
  it('sends Settings with the history first, then what was held', async () => {
    const { client, capture, session } = await talking();
    client.say({ type: 'ConversationText', role: 'user', content: 'hi' });
    client.lose();
    capture.hear(1, 2);
    session.sendText('still there?');
    client.open();
    client.say({ type: 'SettingsApplied' });
    expect(textsOf(client.sent)).toEqual(['Settings', [1, 2], 'InjectUserMessage']);
    expect(client.messages[0]).toMatchObject({
      agent: { context: { messages: [{ type: 'History', role: 'user', content: 'hi' }] } },
    });
  });

  it('shows why, keeps microphone and transcript, and counts the return', async () => {
    const { client, session, scheduler } = await talking();
    await session.startMic();
    session.sendText('hi');
    const error = new ConnectionError('closed_1006', 'The connection was lost.');
    client.lose(error);
    expect(session.getSnapshot()).toMatchObject({ state: 'waiting', isReady: false, error, isMicOn: true });
    client.open();
    client.say({ type: 'SettingsApplied' });
    scheduler.advance(1_000);
    const { stats, transcript } = session.getSnapshot();
    expect([stats.reconnects, transcript.length, session.getSnapshot().error]).toEqual([1, 1, undefined]);
  });

  it('does not repeat KeepAlive while it is away', async () => {
    const { client, scheduler } = await talking({ input: 'none' });
    client.lose();
    scheduler.advance(60_000);
    expect(scheduler.pending).toEqual([]);
  });
});

describe('KeepAlive', () => {
  it('is sent every 5 s while nothing else is, and not while audio flows', async () => {
    const { client, scheduler, capture } = await talking();
    scheduler.advance(10_000);
    expect(textsOf(client.sent)).toEqual(['Settings', 'KeepAlive', 'KeepAlive']);
    scheduler.advance(4_000);
    capture.hear(1, 2);
    scheduler.advance(4_000);
    expect(textsOf(client.sent).slice(3)).toEqual([[1, 2]]);
  });
});

describe('what the agent reports', () => {
  it('shows an error of the agent until it is ready again', async () => {
    const { client, session } = await talking();
    const errors: unknown[] = [];
    session.on('error', (error) => errors.push(error));
    client.say({ type: 'Error', code: 'FAILED_TO_THINK', description: 'The model failed.' });
    const { error } = session.getSnapshot();
    expect(error).toMatchObject({
      name: 'UpstreamError',
      code: 'FAILED_TO_THINK',
      message: 'The model failed.',
    });
    expect(errors).toEqual([error]);
    client.lose();
    client.open();
    client.say({ type: 'SettingsApplied' });
    expect(session.getSnapshot().error).toBeUndefined();
  });

  it('takes idle_timeout for an ordinary end', async () => {
    const { client, session } = await talking();
    client.say({ type: 'Error', code: 'idle_timeout', description: 'Nothing was sent.' });
    client.end();
    expect(session.getSnapshot()).toMatchObject({ state: 'closed', agentState: 'idle', error: undefined });
  });

  it('tells warnings, messages and their text', async () => {
    const { client, session } = await talking();
    const told: unknown[] = [];
    session.on('warning', ({ code }) => told.push(code));
    session.on('agent', ({ type }) => told.push(type));
    session.on('message', (text) => told.push(text));
    told.length = 0;
    client.say('{"type":"Warning","code":"SLOW"}');
    client.say('pong');
    expect(told).toEqual(['{"type":"Warning","code":"SLOW"}', 'Warning', 'SLOW', 'pong']);
  });

  it('reads messages from binary frames', async () => {
    const { client, session } = await talking();
    const said = { type: 'ConversationText', role: 'assistant', content: 'Hello.' };
    client.sound(...new TextEncoder().encode(JSON.stringify(said)));
    expect(session.getSnapshot().transcript).toMatchObject([{ role: 'assistant', text: 'Hello.' }]);
  });
});

describe('the end', () => {
  it('comes with disconnect(), after which connect() goes on with the same conversation', async () => {
    const { client, session } = await talking();
    session.sendText('hi');
    client.say({ type: 'ConversationText', role: 'user', content: 'hi' });
    await session.disconnect();
    expect(session.getSnapshot()).toMatchObject({ state: 'closed', isReady: false, error: undefined });
    expect(session.sendText('lost')).toBe(false);
    void session.connect();
    client.open();
    client.say({ type: 'SettingsApplied' });
    expect(JSON.stringify(client.messages[0])).toContain('"content":"hi"');
    expect(session.getSnapshot().stats.reconnects).toBe(0);
  });

  it('forgets what was still to be sent', async () => {
    const { session, client, capture } = await connecting();
    session.sendText('too late');
    capture.hear(1, 2);
    await session.disconnect();
    void session.connect();
    client.open();
    client.say({ type: 'SettingsApplied' });
    expect(textsOf(client.sent)).toEqual(['Settings']);
  });

  it('forgets it also when the call fails, and tells the next agent what was typed', async () => {
    const { session, client, capture } = await connecting();
    session.sendText('typed');
    capture.hear(1, 2);
    client.end(new ConnectionError('gave_up', 'No answer.'));
    void session.connect();
    client.open();
    client.say({ type: 'SettingsApplied' });
    expect(textsOf(client.sent)).toEqual(['Settings']);
    expect(client.messages[0]).toMatchObject({
      agent: { context: { messages: [{ role: 'user', content: 'typed' }] } },
    });
    expect(session.getSnapshot().agentState).toBe('listening');
  });

  it('forgets it also when no client can be made for a new URL', async () => {
    const { made, createClient } = createFakeClients();
    const { session, audio } = await createVoiceFixture({
      createClient: (options) => {
        if (String(options.url).endsWith('/wrong')) throw new TypeError('url must be …');
        return createClient(options);
      },
    });
    void session.connect();
    made[0]?.open();
    session.setUrl('ws://127.0.0.1/wrong');
    audio.captures[0]?.hear(1, 2);
    await expect(session.connect()).rejects.toMatchObject({ code: 'bad_options' });
    session.setUrl('ws://127.0.0.1/right');
    void session.connect();
    made[1]?.open();
    made[1]?.say({ type: 'SettingsApplied' });
    expect(textsOf(made[1]?.sent ?? [])).toEqual(['Settings']);
  });

  it('keeps what the old connection still says out of a call that waits for its end', async () => {
    const { session, client, audio } = await talking();
    void session.disconnect();
    void session.connect();
    client.say({ type: 'ConversationText', role: 'assistant', content: 'Late.' });
    client.sound(1, 2);
    expect(session.getSnapshot().transcript).toEqual([]);
    expect(audio.playbacks.map(({ pushed }) => pushed)).toEqual([[], []]);
  });

  it('forgets the conversation on demand', async () => {
    const { client, session } = await talking();
    client.say({ type: 'ConversationText', role: 'user', content: 'hi' });
    await session.disconnect();
    session.clearTranscript();
    void session.connect();
    client.open();
    expect(session.getSnapshot().transcript).toEqual([]);
    expect(client.messages[0]).not.toHaveProperty('agent.context');
  });

  it('is for good after dispose(), and leaves no timer', async () => {
    const { session, scheduler } = await talking();
    session.dispose();
    expect(scheduler.pending).toEqual([]);
    await expect(session.connect()).rejects.toMatchObject({ code: 'disposed' });
    await expect(session.startMic()).rejects.toMatchObject({ code: 'disposed' });
  });
});

describe('setUrl()', () => {
  it('dials the new URL when the old connection is gone, with microphone and conversation kept', async () => {
    const { client, session, capture, nextClient } = await talking();
    session.sendText('hi');
    const made = nextClient();
    session.setUrl('ws://127.0.0.1/other');
    expect(client.getSnapshot().state).toBe('closed');
    expect(session.getSnapshot()).toMatchObject({ state: 'connecting', isReady: false });
    const other = await made;
    expect(String(other.options.url)).toBe('ws://127.0.0.1/other');
    other.open();
    expect(session.getSnapshot()).toMatchObject({ state: 'open', transcript: [{ text: 'hi' }] });
    expect(capture.isRunning).toBe(true);
  });

  it('does nothing for the same URL, and dials nothing that was not connected', async () => {
    const { clients, session } = await createVoiceFixture();
    session.setUrl('ws://127.0.0.1/other');
    expect(clients.length).toBe(0);
    void session.connect();
    session.setUrl(new URL('ws://127.0.0.1/other'));
    expect(clients.length).toBe(1);
    expect(session.getSnapshot().state).toBe('connecting');
  });

  it('lets go of the microphone at once when connect() is aborted while the old connection closes', async () => {
    const { clients, session } = await talking();
    session.setUrl('ws://127.0.0.1/other');
    void session.disconnect();
    const aborter = new AbortController();
    const opened = session.connect({ signal: aborter.signal });
    expect(session.getSnapshot()).toMatchObject({ state: 'connecting' });
    aborter.abort('changed my mind');
    expect(session.getSnapshot()).toMatchObject({ state: 'idle', isMicOn: false });
    await expect(opened).rejects.toBe('changed my mind');
    expect([clients.length, session.sendText('hi')]).toEqual([1, false]);
  });

  it('leaves a call alone when the connect() of an earlier one is aborted', async () => {
    const { session, nextClient } = await talking();
    const made = nextClient();
    session.setUrl('ws://127.0.0.1/other');
    const aborter = new AbortController();
    void session.disconnect();
    void session.connect({ signal: aborter.signal });
    void session.disconnect();
    void session.connect();
    aborter.abort();
    (await made).open();
    expect(session.getSnapshot().state).toBe('open');
    expect(session.sendText('hi')).toBe(true);
  });

  it('gives way to disconnect()', async () => {
    const { clients, session } = await talking();
    session.setUrl('ws://127.0.0.1/other');
    await session.disconnect();
    expect(clients.length).toBe(1);
    expect(session.getSnapshot().state).toBe('idle');
  });
});
