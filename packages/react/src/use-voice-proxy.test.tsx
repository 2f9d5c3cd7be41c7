import { CLOSE_ROWS } from '@voxproxy/server/contract';
import { Activity, useEffect, useState, type ReactNode } from 'react';
import { expect, it } from 'vitest';
import { installFakeBrowser, type FakeBrowser } from '../test/support/fake-browser.ts';
import { mount, reach, settled } from '../test/support/mount.tsx';
import { useVoiceProxy, type VoiceProxy, type VoiceProxyOptions } from './index.ts';

const URL_A = 'ws://127.0.0.1/a';
const URL_B = 'ws://127.0.0.1/b';

/** A page with the hook, and what it gave at each rendering. */
function setUp(common: Partial<VoiceProxyOptions> = {}) {
  const browser = installFakeBrowser();
  const seen: VoiceProxy[] = [];
  function Page(props: Partial<VoiceProxyOptions>) {
    const { WebSocket } = browser;
    seen.push(useVoiceProxy({ url: URL_A, workletUrl: '/w.js', WebSocket, ...common, ...props }));
    return null;
  }
  const voice = (): VoiceProxy => seen.at(-1) as VoiceProxy;
  /** The server accepts the newest socket, and the microphone is on. */
  async function talking(): Promise<void> {
    await settled(() => browser.sockets.at(-1)?.accept());
    await reach(voice().session, ({ isReady, isMicOn }) => isReady && isMicOn);
  }
  return { browser, seen, Page, voice, talking };
}

const open = (browser: FakeBrowser) => browser.sockets.filter(({ readyState }) => readyState < 2);
const live = (browser: FakeBrowser) => browser.tracks.filter(({ isLive }) => isLive);

it('opens nothing when it is rendered', async () => {
  const { browser, Page, voice } = setUp();
  await mount(<Page />);
  expect([browser.sockets.length, browser.tracks.length, browser.openContexts()]).toEqual([0, 0, 0]);
  expect(voice()).toMatchObject({ state: 'idle', agentState: 'idle', isMicOn: false });
});

it('opens one socket and one microphone, and shows what the agent does', async () => {
  const { browser, Page, voice, talking } = setUp();
  await mount(<Page />);
  await settled(() => void voice().connect());
  expect(voice().state).toBe('connecting');
  await talking();
  expect(voice()).toMatchObject({ state: 'open', isReady: true, agentState: 'listening', isMicOn: true });
  await settled(() => browser.sockets[0]?.say({ type: 'ConversationText', role: 'user', content: 'hi' }));
  expect(voice()).toMatchObject({ agentState: 'thinking', transcript: [{ role: 'user', text: 'hi' }] });
  expect([browser.sockets.length, browser.tracks.length, browser.openContexts()]).toEqual([1, 1, 1]);
});

it('keeps its session when its effects end and begin again in one task', async () => {
  const { Page, voice } = setUp();
  const sessions = new Set<unknown>();
  function Watch(): ReactNode {
    const page = <Page />;
    useEffect(() => void sessions.add(voice().session));
    return page;
  }
  await mount(<Watch />);
  await settled();
  expect([...sessions]).toEqual([voice().session]);
});

it('opens one of each when it connects by itself', async () => {
  const { browser, Page, talking } = setUp({ autoConnect: true });
  await mount(<Page />);
  await talking();
  expect([browser.sockets.length, browser.tracks.length, browser.openContexts()]).toEqual([1, 1, 1]);
});

it('lets go of everything in the task of unmounting, and closes cleanly', async () => {
  const { browser, Page, talking } = setUp({ autoConnect: true });
  const { unmount } = await mount(<Page />);
  await talking();
  unmount();
  await Promise.resolve();
  expect([open(browser).length, live(browser).length, browser.openContexts()]).toEqual([0, 0, 0]);
  expect(browser.sockets[0]?.closedWith).toBe(1000);
});

it('lets go also when the cause of unmounting was no event of the user', async () => {
  const { browser, Page, talking } = setUp({ autoConnect: true });
  let hide = (): void => {};
  function Parent() {
    const [isShown, setIsShown] = useState(true);
    hide = () => setIsShown(false);
    return isShown && <Page />;
  }
  await mount(<Parent />);
  await talking();
  await settled(hide);
  expect([open(browser).length, live(browser).length]).toEqual([0, 0]);
});

it('can be used no more after unmounting', async () => {
  const { browser, Page, voice } = setUp();
  const { unmount } = await mount(<Page />);
  const { connect } = voice();
  unmount();
  await Promise.resolve();
  await expect(connect()).rejects.toMatchObject({ code: 'disposed' });
  expect(browser.sockets.length).toBe(0);
});

it('closes the old connection before it opens one at a new URL, and keeps the microphone', async () => {
  const { browser, Page, voice, talking } = setUp({ autoConnect: true });
  const { render } = await mount(<Page />);
  await talking();
  await render(<Page url={new URL(URL_B)} />);
  expect(browser.sockets.map(({ closedWith }) => closedWith)).toEqual([1000]);
  expect(voice().state).toBe('connecting');
  await settled(() => browser.sockets[0]?.end());
  expect(browser.sockets.map(({ url }) => url)).toEqual([URL_A, URL_B]);
  await settled(() => browser.sockets[1]?.accept());
  expect([voice().state, browser.tracks.length, live(browser).length]).toEqual(['open', 1, 1]);
});

it('keeps the connection when only functions are new, and asks the newest for a token', async () => {
  const { browser, Page, voice } = setUp();
  const { render } = await mount(<Page token={() => 'one'} />);
  await settled(() => void voice().connect());
  await settled(() => browser.sockets[0]?.accept());
  await render(<Page token={() => 'two'} url={new URL(URL_A)} settings={() => ({ tags: ['new'] })} />);
  expect(browser.sockets.length).toBe(1);
  await settled(() => void voice().disconnect());
  await settled(() => browser.sockets[0]?.end());
  await settled(() => void voice().connect());
  await settled(() => browser.sockets[1]?.accept());
  expect(browser.sockets.map(({ url }) => url)).toEqual([`${URL_A}?token=one`, `${URL_A}?token=two`]);
  expect(JSON.parse(browser.sockets[1]?.sent[0] as string).tags).toEqual(['new']);
});

it('leaves a token in the URL alone', async () => {
  const { browser, Page, voice } = setUp({ url: `${URL_A}?token=mine` });
  await mount(<Page />);
  await settled(() => void voice().connect());
  expect(browser.sockets[0]?.url).toBe(`${URL_A}?token=mine`);
});

it('calls the newest callbacks', async () => {
  const { browser, Page } = setUp({ autoConnect: true });
  const told: string[] = [];
  const { render } = await mount(<Page onAgentMessage={({ type }) => told.push(`old ${type}`)} />);
  await render(
    <Page
      onAgentMessage={({ type }) => told.push(`new ${type}`)}
      onWarning={({ code }) => told.push(code)}
      onError={({ code }) => told.push(code)}
    />,
  );
  await settled(() => browser.sockets[0]?.accept());
  await settled(() => browser.sockets[0]?.say({ type: 'Warning', code: 'SLOW' }));
  await settled(() => browser.sockets[0]?.say({ type: 'Error', code: 'BROKEN' }));
  expect(told).toEqual(['new SettingsApplied', 'new Warning', 'SLOW', 'new Error', 'BROKEN']);
});

it('gives the same object as long as nothing changes', async () => {
  const { browser, seen, Page, voice } = setUp({ autoConnect: true });
  const { render } = await mount(<Page />);
  await settled(() => browser.sockets[0]?.accept());
  const before = voice();
  const renderings = seen.length;
  await render(<Page />);
  expect(seen.length).toBeGreaterThan(renderings);
  expect(voice()).toBe(before);
  await settled(() => browser.sockets[0]?.say({ type: 'PromptUpdated' }));
  expect(voice()).toBe(before);
});

it('shows why a connection failed, without an unhandled rejection', async () => {
  const { browser, Page, voice } = setUp({ token: 'literal', reconnect: false });
  await mount(<Page />);
  await settled(() => void voice().connect());
  const { code, word } = CLOSE_ROWS.AuthInvalid;
  await settled(() => browser.sockets[0]?.end(code, word));
  expect(voice()).toMatchObject({
    state: 'failed',
    isMicOn: false,
    error: { code: word, name: 'AuthError' },
  });
  expect(live(browser).length).toBe(0);
});

it('shows why the microphone failed, and goes on without', async () => {
  const { browser, Page, voice } = setUp();
  await mount(<Page />);
  Object.assign(navigator.mediaDevices, {
    getUserMedia: () => Promise.reject(new DOMException('', 'NotFoundError')),
  });
  await settled(() => void voice().connect());
  await settled(() => browser.sockets[0]?.accept());
  expect(voice()).toMatchObject({
    state: 'open',
    isMicOn: false,
    error: { name: 'MediaError', code: 'no-device' },
  });
});

it('hangs up when it is hidden, and is idle when it is shown again', async () => {
  const { browser, Page, voice, talking } = setUp();
  const { render } = await mount(
    <Activity>
      <Page />
    </Activity>,
  );
  await settled(() => void voice().connect());
  await talking();
  await render(
    <Activity mode="hidden">
      <Page />
    </Activity>,
  );
  expect([open(browser).length, live(browser).length]).toEqual([0, 0]);
  await render(
    <Activity>
      <Page />
    </Activity>,
  );
  expect(voice().state).toBe('idle');
  await settled(() => void voice().connect());
  expect(browser.sockets.length).toBe(2);
});

it('goes on while it is hidden when told to, but not when it is gone', async () => {
  const { browser, Page, talking } = setUp({ keepAlive: true, autoConnect: true });
  const { render, unmount } = await mount(
    <Activity>
      <Page />
    </Activity>,
  );
  await talking();
  await render(
    <Activity mode="hidden">
      <Page />
    </Activity>,
  );
  expect([open(browser).length, live(browser).length]).toEqual([1, 1]);
  unmount();
  await settled();
  expect([open(browser).length, live(browser).length]).toEqual([0, 0]);
});

it.each([true, false])(
  'keeps the call when keepAlive becomes %s, which is read at the mount',
  async (next) => {
    const { browser, Page, talking } = setUp({ autoConnect: true });
    const page = (keepAlive: boolean, mode: 'visible' | 'hidden' = 'visible'): ReactNode => (
      <Activity mode={mode}>
        <Page keepAlive={keepAlive} />
      </Activity>
    );
    const { render } = await mount(page(!next));
    await talking();
    await render(page(next));
    expect([open(browser).length, live(browser).length]).toEqual([1, 1]);
    await render(page(next, 'hidden'));
    const left = next ? 0 : 1;
    expect([open(browser).length, live(browser).length]).toEqual([left, left]);
  },
);
