import { once } from 'node:events';
import { get } from 'node:http';
import { connect } from 'node:net';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { RunningHash } from './running-hash.ts';
import { startLocalUpstreams } from './start-local-upstreams.ts';
import { openAgent, openListen, SECRET, SETTINGS, startForTest } from './support/local-upstreams.ts';
import { useOwnTmpFolder } from './support/own-tmp-folder.ts';
import { readRecording, toneOf } from './support/recordings.ts';
import { openClient } from './support/upstream-client.ts';

// Speech takes long on a busy machine; what must not happen is shown by markers, never by this.
vi.setConfig({ testTimeout: 15_000 });

const LISTEN_QUERY = '?encoding=linear16&sample_rate=16000';

const upgradeOf = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: local\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`;

describe('the secret', () => {
  it('opens both dialects as a subprotocol pair, of which only the word is echoed, and as a header', async () => {
    const { agentUrl, listenUrl } = await startForTest();
    for (const url of [agentUrl, listenUrl + LISTEN_QUERY]) {
      expect((await openClient(url, ['token', SECRET])).subprotocol).toBe('token');
      expect((await openClient(url, [], { authorization: `Token ${SECRET}` })).subprotocol).toBe('');
    }
  });

  it.each<[string, string[], object]>([
    ['missing', [], {}],
    ['wrong', ['token', 'wrong'], {}],
    ['under another word', ['bearer', SECRET], {}],
    ['alone', [SECRET], {}],
    ['wrong in the header', [], { authorization: 'Token wrong' }],
    ['of another scheme', [], { authorization: `Basic ${SECRET}` }],
  ])('opens nothing when it is %s', async (_, subprotocols, headers) => {
    const { agentUrl, listenUrl, sessions } = await startForTest();
    for (const url of [agentUrl, listenUrl + LISTEN_QUERY]) {
      const refused = openClient(url, subprotocols, headers);
      await expect(refused).rejects.toThrow(
        /^HTTP 401 \{"err_code":"INVALID_AUTH","err_msg":"[^"]+","request_id":"[^"]+"\}$/,
      );
    }
    expect(sessions()).toBe(0);
  });
});

describe('requests that nothing serves', () => {
  it.each(['/v1/speak', '/', '//', '//[::1', '/v1/agent/converse/'])('are refused at %s', async (path) => {
    const { agentUrl } = await startForTest();
    await expect(
      openClient(new URL(agentUrl).origin.replace('http', 'ws') + path, ['token', SECRET]),
    ).rejects.toThrow('HTTP 404');
  });

  it('are refused for parameters that cannot be honoured', async () => {
    const { listenUrl } = await startForTest();
    await expect(openClient(`${listenUrl}?encoding=opus`, ['token', SECRET])).rejects.toThrow('HTTP 400');
  });

  it('are told in plain HTTP that a WebSocket is wanted', async () => {
    const { agentUrl } = await startForTest();
    const [response] = await once(get(agentUrl.replace('ws', 'http')), 'response');
    expect(response.statusCode).toBe(426);
    expect(JSON.parse(String(Buffer.concat(await response.toArray())))).toMatchObject({
      err_code: 'UPGRADE_REQUIRED',
    });
  });
});

describe('what was sent', () => {
  it('is counted and hashed for each agent session', async () => {
    const upstreams = await startForTest();
    for (const text of ['hello', 'goodbye']) {
      const client = await openAgent(upstreams);
      client.send({ type: 'InjectUserMessage', content: text });
      await client.next('AgentAudioDone');
      const hash = new RunningHash();
      hash.add(client.audio);
      expect(upstreams.sent().at(-1)).toEqual({ bytes: client.audio.length, fnv1a: hash.fnv1a });
      expect(client.audio.length).toBeGreaterThan(10_000);
    }
    expect(upstreams.sent()).toHaveLength(2);
    expect(upstreams.sessions()).toBe(2);
  });
});

describe('a fault', () => {
  it.each([401, 429, 503] as const)('refuses with %i until it is taken back', async (status) => {
    const upstreams = await startForTest();
    upstreams.faults.refuse = status;
    await expect(openAgent(upstreams)).rejects.toThrow(`HTTP ${status} {"err_code"`);
    await expect(openListen(upstreams)).rejects.toThrow(`HTTP ${status} {"err_code"`);
    upstreams.faults.refuse = undefined;
    await openAgent(upstreams);
  });

  it('opens late', async () => {
    const upstreams = await startForTest();
    upstreams.faults.openDelayMs = 20;
    await openAgent(upstreams);
    expect(upstreams.sessions()).toBe(1);
  });

  it('opens late, but not for a client that did not wait', async () => {
    const upstreams = await startForTest();
    upstreams.faults.openDelayMs = 60_000;
    const { hostname, port, pathname } = new URL(upstreams.agentUrl);
    const socket = connect(Number(port), hostname);
    socket.end(upgradeOf(pathname));
    const answer = await socket.toArray();
    expect(answer).toEqual([]);
  });

  it('cuts an answer after exactly so many bytes, once', async () => {
    const upstreams = await startForTest();
    upstreams.faults.midAnswer = { afterBytes: 10_000, end: 'destroy' };
    const client = await openAgent(upstreams);
    client.send({ type: 'InjectUserMessage', content: 'tell me a story' });
    expect(await client.closed).toEqual({ code: 1006, reason: '' });
    expect(client.audio).toHaveLength(10_000);
    expect(upstreams.sent()[0]?.bytes).toBe(10_000);
    const next = await openAgent(upstreams);
    next.send({ type: 'InjectUserMessage', content: 'hello' });
    await next.next('AgentAudioDone');
  });

  it('closes in mid-answer with a code, and the secret in the reason', async () => {
    const upstreams = await startForTest();
    upstreams.faults.midAnswer = { afterBytes: 4000, end: { code: 1011, reason: 'key {secret} is spent' } };
    const client = await openAgent(upstreams);
    client.send({ type: 'InjectUserMessage', content: 'tell me a story' });
    expect(await client.closed).toEqual({ code: 1011, reason: `key ${SECRET} is spent` });
  });

  it('ends the session in place of SettingsApplied', async () => {
    const upstreams = await startForTest();
    upstreams.faults.onSettings = { code: 1008, reason: 'no' };
    const client = await openClient(upstreams.agentUrl, ['token', SECRET]);
    client.send(SETTINGS);
    expect(await client.closed).toEqual({ code: 1008, reason: 'no' });
    expect(client.types).toEqual(['Welcome']);
  });
});

/** Handles end a turn later than they are closed, so those are waited for. Wants fake timers, which count those that are left. */
async function expectNothingOpen(): Promise<void> {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  await vi.waitFor(() => {
    const kinds = ['ProcessWrap', 'TCPServerWrap'];
    expect(process.getActiveResourcesInfo().filter((kind) => kinds.includes(kind))).toEqual([]);
  });
}

describe('the end', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  it('comes for clients that leave in the middle of everything, and leaves nothing behind', async () => {
    const files = useOwnTmpFolder();
    const threads: Worker[] = [];
    const onWorker = (thread: Worker): unknown => threads.push(thread);
    process.on('worker', onWorker);
    onTestFinished(() => void process.off('worker', onWorker));
    const upstreams = await startLocalUpstreams({ secret: SECRET });
    const [speaking, recognised, listening] = await Promise.all([
      openAgent(upstreams),
      openAgent(upstreams),
      openListen(upstreams),
    ]);
    speaking.send({ type: 'InjectUserMessage', content: 'tell me a story' });
    await speaking.next('audio');
    await recognised.speak(readRecording('turn-on-the-light.wav'));
    await listening.speak(toneOf(1));
    expect(upstreams.sessions()).toBe(3);
    speaking.leave();
    recognised.leave();
    await upstreams.close();
    expect(await listening.closed).toMatchObject({ code: 1006 });
    expect(upstreams.sessions()).toBe(0);
    expect(files()).toEqual([]);
    await expectNothingOpen();
    // A thread that has ended has the id -1.
    expect(threads.map((thread) => thread.threadId)).toEqual([-1]);
  });

  it('comes also while an upgrade is held, and twice', async () => {
    const upstreams = await startLocalUpstreams({ secret: SECRET });
    upstreams.faults.openDelayMs = 60_000;
    const { hostname, port, pathname } = new URL(upstreams.agentUrl);
    const socket = connect(Number(port), hostname);
    socket.write(upgradeOf(pathname));
    // The answer to a later request shows that the upgrade was read.
    await once(get(upstreams.agentUrl.replace('ws', 'http')), 'response');
    const closed = once(socket, 'close');
    await upstreams.close();
    await closed;
    await upstreams.close();
    await expectNothingOpen();
  });
});
