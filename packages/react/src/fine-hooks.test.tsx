import { createVoiceSession } from '@voxproxy/client/voice';
import { useRef, type ReactNode } from 'react';
import { expect, it, vi } from 'vitest';
import { installFakeBrowser } from '../test/support/fake-browser.ts';
import { mount, reach, settled } from '../test/support/mount.tsx';
import {
  useAgentState,
  useAudioLevel,
  useMicrophone,
  useVoiceProxy,
  useVoiceStatus,
  useVoiceTranscript,
  VoiceProxyProvider,
  type LevelListener,
  type MicrophoneControls,
} from './index.ts';

/** A provider whose session the test holds, and a list of what a component below saw. */
function setUp<Seen>(use: () => Seen) {
  const browser = installFakeBrowser();
  const session = createVoiceSession({
    url: 'ws://127.0.0.1/a',
    workletUrl: '/w.js',
    WebSocket: browser.WebSocket,
    input: 'none',
  });
  const seen: Seen[] = [];
  function Part(): ReactNode {
    seen.push(use());
    return null;
  }
  const page = (
    <VoiceProxyProvider session={session}>
      <Part />
    </VoiceProxyProvider>
  );
  async function start(): Promise<void> {
    await mount(page);
    await settled(() => void session.connect());
    await settled(() => browser.sockets[0]?.accept());
  }
  const say = (message: object): Promise<void> => settled(() => browser.sockets[0]?.say(message));
  return { browser, session, seen, start, say, page };
}

const said = (role: string, content: string) => ({ type: 'ConversationText', role, content });

it('useAgentState renders again only when the agent does something else', async () => {
  const { seen, start, say } = setUp(useAgentState);
  await start();
  await say(said('user', 'hi'));
  const renderings = seen.length;
  await say(said('assistant', 'Hello.'));
  await say({ type: 'AgentThinking' });
  expect(seen.length).toBe(renderings);
  expect(seen.at(-1)).toBe('thinking');
});

it('useVoiceStatus gives the connection, and renders not with every word', async () => {
  const { seen, start, say, browser } = setUp(useVoiceStatus);
  await start();
  const renderings = seen.length;
  await say(said('user', 'hi'));
  expect(seen.length).toBe(renderings);
  expect(seen.at(-1)).toMatchObject({ state: 'open', isReady: true, error: undefined });
  await settled(() => browser.sockets[0]?.end(1006));
  expect(seen.at(-1)).toMatchObject({ state: 'waiting', isReady: false, error: { code: 'closed_1006' } });
  expect(seen.at(-1)?.retryAt).toBeTypeOf('number');
});

it('useVoiceTranscript gives all that was said', async () => {
  const { seen, start, say } = setUp(() => useVoiceTranscript());
  await start();
  await say(said('user', 'hi'));
  await say(said('assistant', 'Hello.'));
  expect(seen.at(-1)?.map(({ text }) => text)).toEqual(['hi', 'Hello.']);
});

it('useVoiceTranscript with a selector renders again only when its result differs', async () => {
  const use = () => useVoiceTranscript((entries) => entries.filter(({ role }) => role === 'user'));
  const { seen, start, say } = setUp(use);
  await start();
  await say(said('user', 'hi'));
  const renderings = seen.length;
  await say(said('assistant', 'Hello.'));
  expect(seen.length).toBe(renderings);
  expect(seen.at(-1)?.map(({ text }) => text)).toEqual(['hi']);
});

it('useVoiceTranscript notices a new result of a kind that cannot be compared', async () => {
  const { seen, start, say } = setUp(() => useVoiceTranscript((entries) => new Set(entries)));
  await start();
  await say(said('user', 'hi'));
  expect(seen.at(-1)?.size).toBe(1);
});

it('useMicrophone switches the microphone on and off, and mutes it', async () => {
  const { browser, session, seen, start } = setUp<MicrophoneControls>(useMicrophone);
  await start();
  expect(seen.at(-1)).toMatchObject({ isMicOn: false, isMuted: false });
  await settled(() => void seen.at(-1)?.start());
  await reach(session, ({ isMicOn }) => isMicOn);
  await settled(() => seen.at(-1)?.setMuted(true));
  expect(seen.at(-1)).toMatchObject({ isMicOn: true, isMuted: true });
  await settled(() => seen.at(-1)?.stop());
  expect([seen.at(-1)?.isMicOn, browser.tracks.map(({ isLive }) => isLive)]).toEqual([false, [false]]);
});

it('useAudioLevel sets properties of an element, without rendering', async () => {
  const { session, seen, page } = setUp(() => {
    const meter = useRef<HTMLElement>(document.createElement('div'));
    useAudioLevel(meter);
    return meter.current;
  });
  let tell: LevelListener = () => {};
  vi.spyOn(session, 'onLevel').mockImplementation((listener) => {
    tell = listener;
    return () => {};
  });
  await mount(page);
  const renderings = seen.length;
  await settled(() => tell(0.25, 0.5));
  const { style } = seen.at(-1) as HTMLElement;
  expect([style.getPropertyValue('--voice-input'), style.getPropertyValue('--voice-output')]).toEqual([
    '0.250',
    '0.500',
  ]);
  expect(seen.length).toBe(renderings);
});

it('useAudioLevel stops listening when its component is gone', async () => {
  const told: number[][] = [];
  const { session, page } = setUp(() => useAudioLevel((input, output) => void told.push([input, output])));
  const listeners = new Set<LevelListener>();
  vi.spyOn(session, 'onLevel').mockImplementation((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  });
  const { unmount } = await mount(page);
  for (const listener of listeners) listener(0.1, 0.2);
  expect(told).toEqual([[0.1, 0.2]]);
  unmount();
  expect(listeners.size).toBe(0);
});

it('takes a session instead of the provider’s', async () => {
  const { session } = setUp(() => {});
  const seen: string[] = [];
  function Alone(): ReactNode {
    seen.push(useAgentState(session), useVoiceStatus(session).state, useVoiceTranscript(String, session));
    return null;
  }
  await mount(<Alone />);
  expect(seen.slice(-3)).toEqual(['idle', 'idle', '']);
});

it('says what to do where there is no session', async () => {
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => {});
  function Lost(): ReactNode {
    useVoiceProxy();
    return null;
  }
  await expect(mount(<Lost />)).rejects.toThrow('<VoiceProxyProvider>');
  complaint.mockRestore();
});

it('leaves a session that it was given to its owner', async () => {
  const { session, page, browser } = setUp(() => useVoiceProxy().state);
  const { unmount } = await mount(page);
  await settled(() => void session.connect());
  unmount();
  await settled();
  expect(browser.sockets.map(({ closedWith }) => closedWith)).toEqual([undefined]);
  session.dispose();
});
