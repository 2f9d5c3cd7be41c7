import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import {
  anthropic,
  asrUpload,
  azureVoiceLive,
  deepgram,
  deepgramRest,
  openAiRealtime,
  OPENAI_REALTIME_POLICY,
  type VoiceProxyOptions,
  websocket,
  withPolicy,
} from '../../src/index.ts';
import { eventually } from '../support/eventually.ts';
import { createGarbage } from '../support/garbage.ts';
import { startHttpBench } from '../support/http-bench.ts';
import { createRandom } from '../support/seeded-random.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';

const LOCKED = { ...OPENAI_REALTIME_POLICY, locked: { prompt: 'ours' } };
const CONNECTIONS = 1_800;
const AT_ONCE = 12;

/** Takes any socket and sends back what comes. */
function startEcho(context: TestCleanup): Promise<number> {
  const handleProtocols = (offered: Set<string>): string => [...offered][0] ?? '';
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols });
  server.on('connection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  context.onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return new Promise((resolve) =>
    server.once('listening', () => resolve((server.address() as { port: number }).port)),
  );
}

function routesTo(port: number, legs: 'bytes' | 'messages'): VoiceProxyOptions['routes'] {
  const [apiKey, url, baseUrl] = [MOCK_SECRET, `ws://127.0.0.1:${port}/x`, `http://127.0.0.1:${port}`];
  const slot = { in: 'message', path: 'auth.key' } as const;
  const tokensInMessages = {
    '/first': websocket({ apiKey, url, clientCredential: [{ ...slot, when: 'first' }] }),
    '/each': websocket({ apiKey, url, clientCredential: [{ ...slot, when: 'each-start' }] }),
  };
  return {
    '/deepgram': deepgram({ apiKey, agentUrl: url, listenUrl: url }),
    '/openai': withPolicy(openAiRealtime({ apiKey, url }), LOCKED),
    '/azure': azureVoiceLive({ apiKey, url }),
    ...(legs === 'bytes' ? tokensInMessages : {}),
    ...asrUpload({ apiKey, url: `${baseUrl}/transcribe` }),
    ...anthropic({ apiKey, models: ['claude-*'], baseUrl }),
    ...deepgramRest({ apiKey, baseUrl }),
  };
}

/** Sends all and leaves once something has come back, or nothing for some turns. */
function sendAndLeave(port: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const leave = async (): Promise<void> => {
      for (let turn = 0; turn < 20; turn += 1) await new Promise<void>((done) => setImmediate(done));
      socket.destroy();
    };
    socket.on('error', () => undefined);
    socket.on('close', () => resolve());
    socket.resume();
    socket.write(bytes, () => void leave());
  });
}

test.for(['bytes', 'messages'] as const)(
  'no client ends the server by what it sends, nor reads a key (legs of %s)',
  { timeout: 60_000 },
  async (legs, context) => {
    const routes = routesTo(await startEcho(context), legs);
    const bench = await startHttpBench(context, { routes, legs, sessionMode: true, trustedProxies: 1 });
    const seed = Date.now() % 1_000_000;
    const paths = [...Object.keys(routes), '/health', '/nowhere'].map((key) => key.split(' ').at(-1) ?? '');
    const garbage = createGarbage(createRandom(seed), paths, bench.token());
    const send = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += 1) await sendAndLeave(bench.port, garbage.connection());
    };
    await Promise.all(Array.from({ length: AT_ONCE }, () => send(CONNECTIONS / AT_ONCE)));
    const answer = await fetch(`${bench.url}/health`);
    expect(answer.status, `the server answers after the garbage of seed ${seed}`).toBe(200);
    expectNoSecret(MOCK_SECRET, bench.logs, `the log of seed ${seed}`);
    const failures = bench.logs.filter(({ level }) => Number(level) >= 50);
    expect(failures, `what nobody foresaw with seed ${seed}`).toEqual([]);
    await bench.proxy.close();
    await eventually(
      () => bench.proxy.sessions === 0 && bench.clock.pending() === 0,
      () => `no session and no timer to be left of seed ${seed}`,
    );
  },
);
