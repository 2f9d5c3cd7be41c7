/** A proxy between two bare sockets: one session each time, with the peers that a case needs at its ends. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createVoiceProxy, deepgram, none, withoutPolicy, type Route } from '../../src/index.ts';
import { acceptBytes } from '../../src/testing/http-answers.ts';
import { headerValues, readUpgradeRequest, splitHead } from '../../src/testing/upgrade-request.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { requestBytes, type RawUpgradeOptions } from '../support/raw-request.ts';
import { createTestClock } from '../support/test-clock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { openedRoute } from './opened-route.ts';

/** `bytes`: frames pass as they came. `messages`: `ws` takes messages apart and makes new frames. */
export type Legs = 'bytes' | 'messages';
export type Role = 'client' | 'upstream';
export type RouteKind = 'pass-through' | 'opened';

/** Each case runs over all of them. */
export const ALL_LEGS: readonly Legs[] = ['bytes', 'messages'];

const ROUTE = '/deepgram-proxy';
const SECRET = 'not-a-real-key';
const DEADLINE_MS = 10_000;

export interface ConformanceBench {
  readonly client: RawPeer;
  readonly upstream: RawPeer;
  /** The head of the proxy's answer to the client's upgrade. */
  readonly answer: string;
  /** The head of the proxy's request to the upstream. */
  readonly request: string;
}

export interface BenchChoice {
  readonly legs: Legs;
  readonly route?: RouteKind;
  /** Who echoes data frames. */
  readonly echo: Role;
  /** Header lines of the client's upgrade. */
  readonly headers?: RawUpgradeOptions['headers'];
}

/** Starts an upstream and a proxy, and opens one session. All of it ends with the test. */
export async function openSession(test: TestCleanup, choice: BenchChoice): Promise<ConformanceBench> {
  const upstream = await listenOnce(test, choice.echo === 'upstream');
  const proxy = createVoiceProxy({
    auth: none(),
    routes: { [ROUTE]: routeTo(upstream.port, choice.route ?? 'pass-through') },
    // No pings of the proxy's own, and no deadline: the clock stands still.
    clock: createTestClock(),
    logger: false,
    legs: choice.legs,
  });
  test.onTestFinished(() => proxy.close());
  const { port } = await proxy.listen();
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  test.onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(requestBytes({ port, target: ROUTE, ...(choice.headers ? { headers: choice.headers } : {}) }));
  const { head, rest } = await readHead(socket);
  if (!head.startsWith('HTTP/1.1 101 '))
    throw new Error(`the upgrade was answered with ${head.slice(0, 40)}`);
  const options = { isClient: true, echoes: choice.echo === 'client', deadlineMs: DEADLINE_MS };
  const client = new RawPeer(socket, rest, options);
  return { client, answer: head, ...(await upstream.accepted) };
}

function routeTo(port: number, kind: RouteKind): Route {
  const url = `ws://127.0.0.1:${port}/v1/agent/converse`;
  if (kind === 'pass-through')
    return withoutPolicy(deepgram({ apiKey: SECRET, agentUrl: url, listenUrl: url }));
  return openedRoute({ apiKey: SECRET, url });
}

interface Upstream {
  readonly port: number;
  readonly accepted: Promise<{ upstream: RawPeer; request: string }>;
}

/** An upstream that takes one connection, whatever its upgrade says. */
async function listenOnce(test: TestCleanup, echoes: boolean): Promise<Upstream> {
  const server = createServer({ allowHalfOpen: true });
  test.onTestFinished(() => void server.close());
  const accepted = once(server, 'connection').then(async ([socket]: Socket[]) => {
    if (!socket) throw new Error('no connection');
    test.onTestFinished(() => void socket.destroy());
    const { head, rest } = await readHead(socket);
    const { headers, subprotocols } = readUpgradeRequest(head);
    socket.write(acceptBytes(headerValues(headers, 'sec-websocket-key')[0] ?? '', subprotocols[0]));
    const options = { isClient: false, echoes, deadlineMs: DEADLINE_MS };
    return { upstream: new RawPeer(socket, rest, options), request: head };
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, accepted };
}

/** The head of a request or an answer, and the bytes behind it. */
async function readHead(socket: Socket): Promise<{ head: string; rest: Buffer }> {
  let bytes = Buffer.alloc(0);
  for (;;) {
    const [chunk] = (await once(socket, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) })) as [Buffer];
    bytes = Buffer.concat([bytes, chunk]);
    const found = splitHead(bytes);
    if (!found) continue;
    // Nothing may flow by before the peer listens.
    socket.pause();
    return found;
  }
}
