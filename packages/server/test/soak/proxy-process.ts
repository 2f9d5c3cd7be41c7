/**
 * The proxy in a process of its own, to be measured: started by proxy-fork.ts with its options in the environment, it says
 * where it listens and answers each question with its numbers.
 */
import {
  createVoiceProxy,
  jwt,
  type LimitOptions,
  type VoiceProxyOptions,
  websocket,
} from '../../src/index.ts';
import { JWT_SECRET } from '../support/make-token.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { Measure, ProxyConfig } from './proxy-fork.ts';

const config = JSON.parse(process.env['SOAK_PROXY'] ?? '') as ProxyConfig;
const causes: Record<string, number> = {};

const note = (fields: object, message: string): void => {
  const { cause, code } = fields as { cause?: string; code?: string };
  const key = message === 'session started' ? message : `${message}: ${cause ?? code ?? ''}`;
  causes[key] = (causes[key] ?? 0) + 1;
};

const proxy = createVoiceProxy({
  auth: jwt({ secret: JWT_SECRET, algorithms: ['HS256'] }),
  routes: {
    // A provider for whom the proxy says nothing of its own, so that every message must be one that was sent.
    '/deepgram-proxy': websocket({ apiKey: MOCK_SECRET, url: config.upstreamUrl }),
  },
  limits: config.limits as LimitOptions,
  logger: { info: note, warn: note, error: note },
  legs: config.legs as VoiceProxyOptions['legs'],
});
const { server, port } = await proxy.listen();

const countsOf = (names: readonly string[]): Record<string, number> =>
  names.reduce<Record<string, number>>((sums, name) => ({ ...sums, [name]: (sums[name] ?? 0) + 1 }), {});

const listenersOf = (): Record<string, number> =>
  Object.fromEntries([
    ...server.eventNames().map((name) => [`server ${String(name)}`, server.listenerCount(name)]),
    ...process.eventNames().map((name) => [`process ${String(name)}`, process.listenerCount(name)]),
  ]);

/** Twice and a turn apart: what the first pass lets go is collected by the second. */
async function collectGarbage(): Promise<void> {
  for (let pass = 0; pass < 4; pass += 1) {
    globalThis.gc?.();
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

async function measure(collects: boolean): Promise<Measure> {
  if (collects) await collectGarbage();
  const connections = await new Promise<number>((resolve, reject) =>
    server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
  );
  const { rss, heapUsed } = process.memoryUsage();
  const counts = {
    ...countsOf(process.getActiveResourcesInfo()),
    ...listenersOf(),
    sessions: proxy.sessions,
    connections,
  };
  return { rss, heapUsed, counts, causes };
}

process.on('message', ({ id, collects }: { id: number; collects: boolean }) => {
  void measure(collects).then((result) => process.send?.({ id, result }));
});
// Whoever measures is gone.
process.on('disconnect', () => process.exit());
process.send?.({ port });
