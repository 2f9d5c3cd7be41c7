/** A voice session whose server, sound and clock are a test's own. */
import { onTestFinished } from 'vitest';
import type { VoiceSession, VoiceSessionOptions } from '../../src/voice/index.ts';
import { createVoiceSession } from '../../src/voice/index.ts';
import { createFakeAudio, type FakeAudio, type FakeCapture, type FakePlayback } from './fake-audio.ts';
import { createFakeClients, type FakeClient } from './fake-client.ts';
import { ManualScheduler } from './manual-scheduler.ts';

export interface VoiceFixture {
  readonly session: VoiceSession;
  readonly scheduler: ManualScheduler;
  readonly audio: FakeAudio;
  readonly clients: readonly FakeClient[];
  readonly nextClient: () => Promise<FakeClient>;
  /** The newest of each. */
  readonly client: FakeClient;
  readonly capture: FakeCapture;
  readonly playback: FakePlayback;
}

/** A session that was asked to connect; nothing has answered yet. */
export async function connecting(options: Partial<VoiceSessionOptions> = {}): Promise<VoiceFixture> {
  const fixture = await createVoiceFixture(options);
  void fixture.session.connect();
  return fixture;
}

/** A session whose agent is ready. */
export async function talking(options: Partial<VoiceSessionOptions> = {}): Promise<VoiceFixture> {
  const fixture = await connecting(options);
  fixture.client.open();
  fixture.client.say({ type: 'SettingsApplied' });
  return fixture;
}

/** The audio part is loaded, so that connect() opens everything in the same task. */
export async function createVoiceFixture(options: Partial<VoiceSessionOptions> = {}): Promise<VoiceFixture> {
  const fixture = createUnloadedFixture(options);
  await fixture.session.preload();
  return fixture;
}

/** The audio part is loaded when it is needed. */
export function createUnloadedFixture(options: Partial<VoiceSessionOptions> = {}): VoiceFixture {
  const scheduler = new ManualScheduler();
  const audio = createFakeAudio();
  const { made, createClient, next } = createFakeClients();
  const session = createVoiceSession({
    url: 'ws://127.0.0.1/agent',
    scheduler,
    loadAudio: audio.load,
    createClient,
    ...options,
  });
  onTestFinished(() => session.dispose());
  return {
    session,
    scheduler,
    audio,
    clients: made,
    nextClient: next,
    get client() {
      return last(made);
    },
    get capture() {
      return last(audio.captures);
    },
    get playback() {
      return last(audio.playbacks);
    },
  };
}

function last<T>(list: readonly T[]): T {
  const item = list.at(-1);
  if (item === undefined) throw new Error('Nothing was made yet.');
  return item;
}
