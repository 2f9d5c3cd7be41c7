import { expect, it, onTestFinished } from 'vitest';
import type { WebSocket } from 'ws';
import { createFakeAudio } from '../../test/support/fake-audio.ts';
import { startServer, type Turn } from '../../test/support/scripted-server.ts';
import { withDeadline } from '../../test/support/with-deadline.ts';
import { CLOSE_ROWS } from '../contract.ts';
import {
  createVoiceSession,
  type VoiceSession,
  type VoiceSessionOptions,
  type VoiceSnapshot,
} from './index.ts';

/** Answers Settings, and then does what a test wants. */
const agent =
  (act: (socket: WebSocket) => void = () => {}): Turn =>
  (socket) =>
    socket.once('message', () => {
      socket.send('{"type":"SettingsApplied"}');
      act(socket);
    });

function createSession(options: VoiceSessionOptions) {
  const audio = createFakeAudio();
  const session = createVoiceSession({ reconnect: { firstDelayMs: 0 }, loadAudio: audio.load, ...options });
  onTestFinished(() => session.dispose());
  return { session, audio };
}

function reach(session: VoiceSession, isThere: (snapshot: VoiceSnapshot) => boolean): Promise<void> {
  return withDeadline(JSON.stringify(session.getSnapshot()), (resolve) => {
    const look = (): void => void (isThere(session.getSnapshot()) && resolve());
    session.subscribe(look);
    look();
  });
}

it('talks over a real socket: Settings first, messages and audio both ways, a clean end', async () => {
  const server = await startServer(
    agent((socket) => {
      socket.send('{"type":"ConversationText","role":"assistant","content":"Hello."}');
      socket.send(Buffer.from([1, 2, 3]));
      socket.send('{"type":"AgentAudioDone"}');
    }),
  );
  const { session, audio } = createSession({ url: server.url, token: 'secret' });
  await session.connect();
  await session.startMic();
  audio.captures[0]?.hear(9, 9);
  session.sendText('hi');
  await reach(session, ({ agentState }) => agentState === 'speaking');
  await server.until(() => server.visits[0]?.frames.length === 3);
  const [settings, sound, text] = server.visits[0]?.frames ?? [];
  expect(JSON.parse(settings as string).type).toBe('Settings');
  expect([sound, text]).toEqual([Buffer.from([9, 9]), '{"type":"InjectUserMessage","content":"hi"}']);
  expect(audio.playbacks[0]?.pushed).toEqual([[1, 2, 3]]);
  await session.disconnect();
  expect(session.getSnapshot()).toMatchObject({ state: 'closed', error: undefined, agentState: 'idle' });
  await server.until(() => server.openSockets() === 0);
});

it('talks again when connect() comes while the last call is still closing', async () => {
  const server = await startServer(agent(), agent());
  const { session, audio } = createSession({ url: server.url });
  await session.connect();
  await session.startMic();
  const closed = session.disconnect();
  expect(session.getSnapshot().state).toBe('closing');
  const opened = session.connect();
  expect(session.getSnapshot().state).toBe('connecting');
  await session.startMic();
  audio.captures[1]?.hear(9, 9);
  await Promise.all([closed, opened]);
  await reach(session, ({ isReady }) => isReady);
  expect([session.getSnapshot().isMicOn, session.sendText('hi')]).toEqual([true, true]);
  await server.until(() => server.visits[1]?.frames.length === 3);
  expect(server.visits[1]?.frames[1]).toEqual(Buffer.from([9, 9]));
});

it('comes back after a cut with its history, the microphone still on', async () => {
  const said = '{"type":"ConversationText","role":"user","content":"hi"}';
  const server = await startServer(
    agent((socket) => socket.send(said, () => socket.terminate())),
    agent(),
  );
  const { session, audio } = createSession({ url: server.url });
  void session.connect();
  await reach(session, ({ isReady, transcript }) => isReady && transcript.length === 1);
  await server.until(() => server.visits.length === 2);
  await reach(session, ({ isReady, state }) => isReady && state === 'open');
  expect(server.visits[1]?.frames[0]).toContain('{"type":"History","role":"user","content":"hi"}');
  expect(session.getSnapshot()).toMatchObject({ isMicOn: true, transcript: [{ text: 'hi' }] });
  expect(audio.captures.length).toBe(1);
});

it('gets a new token when the last one is refused, without an error', async () => {
  const refusal = { type: 'Error', code: CLOSE_ROWS.AuthExpired.word, description: 'Expired.' };
  const server = await startServer((socket) => {
    socket.send(JSON.stringify(refusal));
    socket.close(CLOSE_ROWS.AuthExpired.code, CLOSE_ROWS.AuthExpired.word);
  }, agent());
  const reasons: string[] = [];
  const token = ({ reason }: { reason: string }): string => `token-${reasons.push(reason)}`;
  const { session } = createSession({ url: server.url, token });
  const errors: unknown[] = [];
  session.on('error', (error) => errors.push(error));
  void session.connect();
  await reach(session, ({ isReady }) => isReady);
  expect(reasons).toEqual(['initial', 'rejected']);
  expect(server.visits[1]?.url).toContain('token=token-2');
  expect([errors, session.getSnapshot().stats.reconnects]).toEqual([[], 0]);
});

it.each(['IdleTimeout', 'SessionLimit'] as const)('takes %s for an ordinary end', async (name) => {
  const { code, word } = CLOSE_ROWS[name];
  const server = await startServer(
    agent((socket) => {
      socket.send(JSON.stringify({ type: 'Error', code: word, description: 'Over.' }));
      socket.close(code, word);
    }),
  );
  const { session } = createSession({ url: server.url });
  void session.connect();
  await reach(session, ({ state }) => state === 'closed');
  expect(session.getSnapshot()).toMatchObject({ error: undefined, isMicOn: false, agentState: 'idle' });
  expect(server.visits.length).toBe(1);
});
