import { createVoiceSession } from '@voxproxy/client/voice';
import type { ReactNode } from 'react';
import { expect, it, onTestFinished } from 'vitest';
import { installFakeBrowser } from '../test/support/fake-browser.ts';
import { mount, settled } from '../test/support/mount.tsx';
import { useAgentState, useVoiceProxy, VoiceProxyProvider, type VoiceProxy } from './index.ts';

function setUp() {
  const browser = installFakeBrowser();
  const { WebSocket } = browser;
  let voice: VoiceProxy | undefined;
  function Talk(): ReactNode {
    voice = useVoiceProxy();
    return null;
  }
  function Agent(): ReactNode {
    return <p>{useAgentState()}</p>;
  }
  const page = (parts: ReactNode, url = 'ws://127.0.0.1/a'): ReactNode => (
    <VoiceProxyProvider url={url} WebSocket={WebSocket} workletUrl="/w.js" input="none">
      {parts}
    </VoiceProxyProvider>
  );
  return { browser, page, Talk, Agent, voice: () => voice as VoiceProxy };
}

it('shares one session among all that are below', async () => {
  const { browser, page, Talk, Agent, voice } = setUp();
  const { container } = await mount(page([<Talk key="t" />, <Agent key="a" />]));
  await settled(() => void voice().connect());
  await settled(() => browser.sockets[0]?.accept());
  expect([container.textContent, browser.sockets.length]).toEqual(['listening', 1]);
});

it('keeps the session while parts come and go', async () => {
  const { browser, page, Talk, Agent, voice } = setUp();
  const { render, container } = await mount(page(<Talk />));
  await settled(() => void voice().connect());
  await settled(() => browser.sockets[0]?.accept());
  await render(page(null));
  await render(page(<Agent />));
  expect(container.textContent).toBe('listening');
  expect(browser.sockets.map(({ closedWith }) => closedWith)).toEqual([undefined]);
});

it('hangs up when it is gone', async () => {
  const { browser, page, Talk, voice } = setUp();
  const { unmount } = await mount(page(<Talk />));
  await settled(() => void voice().connect());
  await settled(() => browser.sockets[0]?.accept());
  unmount();
  await Promise.resolve();
  expect(browser.sockets.map(({ closedWith }) => closedWith)).toEqual([1000]);
  expect(browser.openContexts()).toBe(0);
});

it('gives a component with options of its own a session of its own', async () => {
  const { browser, page } = setUp();
  const { WebSocket } = browser;
  let own: VoiceProxy | undefined;
  function Own(): ReactNode {
    own = useVoiceProxy({ url: 'ws://127.0.0.1/own', WebSocket, input: 'none', workletUrl: '/w.js' });
    return null;
  }
  await mount(page(<Own />));
  await settled(() => void own?.connect());
  expect(browser.sockets.map(({ url }) => url)).toEqual(['ws://127.0.0.1/own']);
});

it.each([true, false])(
  'hangs up and uses the provider’s when its options are gone, keepAlive %s',
  async (keepAlive) => {
    const { browser, page } = setUp();
    const { WebSocket } = browser;
    const options = { url: 'ws://127.0.0.1/own', WebSocket, input: 'none', workletUrl: '/w.js' } as const;
    let voice: VoiceProxy | undefined;
    function Own({ isSignedIn }: { isSignedIn: boolean }): ReactNode {
      voice = useVoiceProxy(isSignedIn ? { ...options, keepAlive } : undefined);
      return null;
    }
    const { render } = await mount(page(<Own isSignedIn />));
    const own = voice?.session;
    await settled(() => void voice?.connect());
    await settled(() => browser.sockets[0]?.accept());
    await render(page(<Own isSignedIn={false} />));
    expect(browser.sockets.map(({ closedWith }) => closedWith)).toEqual([1000]);
    await settled(() => void voice?.connect());
    expect(browser.sockets[1]?.url).toBe('ws://127.0.0.1/a');
    await render(page(<Own isSignedIn />));
    expect([voice?.session === own, voice?.state]).toEqual([false, 'idle']);
    await settled(() => void voice?.connect());
    expect(browser.sockets[2]?.url).toBe('ws://127.0.0.1/own');
  },
);

it('hangs up its own call when it is given a session instead', async () => {
  const { browser, page, Talk, voice } = setUp();
  const { WebSocket } = browser;
  const session = createVoiceSession({ url: 'ws://127.0.0.1/given', WebSocket, input: 'none' });
  onTestFinished(() => session.dispose());
  const { render } = await mount(page(<Talk />));
  await settled(() => void voice().connect());
  await settled(() => browser.sockets[0]?.accept());
  await render(
    <VoiceProxyProvider session={session}>
      <Talk />
    </VoiceProxyProvider>,
  );
  expect(voice().session).toBe(session);
  expect(browser.sockets.map(({ closedWith }) => closedWith)).toEqual([1000]);
});
