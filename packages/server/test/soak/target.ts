/** What the scenarios run against: the proxy in its own process with an upstream behind it, or the fake server. */
import type { UpgradeRequest } from '../../src/testing/upgrade-request.ts';
import type { FarEnd } from '../support/far-end.ts';
import { type FakeServerOptions, startFakeSessionServer } from '../support/fake-session-server.ts';
import { startLeanUpstream, type UpstreamAnswer } from '../support/lean-upstream.ts';
import { makeToken } from '../support/make-token.ts';
import { TEST_CERTIFICATE } from '../support/test-certificate.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import type { ReadingPace } from '../support/wire-peer.ts';
import { forkProxy, type ProxyFork } from './proxy-fork.ts';

/** Where and how a scenario runs. */
export interface SoakPlace {
  readonly test: TestCleanup;
  /** What buildProxyProcess() wrote; `fake` for the fake server, `fake loses` and the like for one that lies. */
  readonly proxyFile: string;
  readonly seed: number;
  readonly legs?: string | undefined;
}

export interface TargetOptions {
  readonly tls?: boolean;
  readonly limits?: Readonly<Record<string, number>>;
  /** How the upstream reads the session with this tag. */
  readonly paceOf?: (tag: string) => ReadingPace | undefined;
  readonly answerOf?: (tag: string) => UpstreamAnswer;
  readonly onSession: (far: FarEnd, tag: string) => void;
}

export interface Target {
  readonly port: number;
  /** Absent with the fake server. */
  readonly proxy: ProxyFork | undefined;
  /** Connections that the upstream has now. */
  readonly upstreamConnections: () => number;
  readonly upstreamDials: () => number;
  /** The request target of a session, with a fresh token. The upstream is told the tag. */
  pathOf(tag: string, token?: string): string;
}

const tagOf = ({ query }: UpgradeRequest): string => query.find(([name]) => name === 'tag')?.[1] ?? '';

export function startTarget(place: SoakPlace, options: TargetOptions): Promise<Target> {
  return place.proxyFile.startsWith('fake') ? startFake(place, options) : startProxy(place, options);
}

async function startProxy({ test, proxyFile, legs }: SoakPlace, options: TargetOptions): Promise<Target> {
  const { limits, answerOf, paceOf } = options;
  const upstream = await startLeanUpstream(test, {
    tls: options.tls ? TEST_CERTIFICATE : undefined,
    paceOf: (request) => paceOf?.(tagOf(request)),
    answerOf: (request) => answerOf?.(tagOf(request)) ?? 'open',
    onOpen: (peer, request) => options.onSession(peer, tagOf(request)),
  });
  const proxy = await forkProxy(test, proxyFile, {
    upstreamUrl: upstream.url,
    legs,
    ...(limits ? { limits } : {}),
  });
  return {
    port: proxy.port,
    proxy,
    upstreamConnections: () => upstream.connections,
    upstreamDials: () => upstream.dials,
    pathOf: (tag, token = makeToken()) => `/deepgram-proxy?tag=${tag}&token=${token}`,
  };
}

async function startFake(
  { test, proxyFile }: SoakPlace,
  { limits, onSession }: TargetOptions,
): Promise<Target> {
  const lie = proxyFile.split(' ')[1] as FakeServerOptions['lie'];
  const holdMs = limits?.['resumeHoldMs'];
  const server = await startFakeSessionServer(test, {
    ...(holdMs === undefined ? {} : { holdMs }),
    ...(lie === undefined ? {} : { lie }),
    onSession: (far, request) => onSession(far, tagOf(request)),
  });
  return {
    port: Number(new URL(server.url).port),
    proxy: undefined,
    upstreamConnections: () => server.connections,
    upstreamDials: () => server.dials,
    pathOf: (tag) => `/v1/listen?tag=${tag}`,
  };
}
