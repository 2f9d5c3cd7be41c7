/** A scripted HTTP upstream on loopback: records requests as they came and answers as the test says. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Changes } from '../../src/testing/changes.ts';
import type { TestCleanup } from './test-cleanup.ts';

export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** What has come of the body so far. */
  readonly chunks: Buffer[];
  readonly body: Buffer;
  /** Whether the whole request has come. */
  isWhole: boolean;
  /** Whether the connection has gone. */
  isGone: boolean;
}

/** Called with each request at its head; `whole()` resolves when its body has come. */
export type UpstreamScript = (
  response: ServerResponse,
  request: UpstreamRequest,
  whole: () => Promise<void>,
) => unknown;

export interface HttpUpstream {
  readonly url: string;
  readonly requests: UpstreamRequest[];
  setScript(script: UpstreamScript): void;
  /** Resolves when the probe holds, which is tried at every change. */
  until(probe: () => boolean, what: string): Promise<void>;
}

export async function startHttpUpstream(test: TestCleanup, first: UpstreamScript): Promise<HttpUpstream> {
  const requests: UpstreamRequest[] = [];
  const changes = new Changes();
  let script = first;
  const server = createServer((request, response) => {
    const seen = record(request, changes);
    requests.push(seen);
    changes.notify();
    response.on('error', () => undefined);
    void play(() => script(response, seen, () => untilWhole(changes, seen)), seen);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    setScript: (next) => (script = next),
    until: (probe, what) =>
      changes.wait({ probe: () => probe() || undefined, what: () => what }).then(() => {}),
  };
}

function record(request: IncomingMessage, changes: Changes): UpstreamRequest {
  const chunks: Buffer[] = [];
  const seen: UpstreamRequest = {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: request.headers,
    chunks,
    get body() {
      return Buffer.concat(chunks);
    },
    isWhole: false,
    isGone: false,
  };
  const noting = (note: () => void) => () => {
    note();
    changes.notify();
  };
  request.on('error', () => undefined);
  request.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    changes.notify();
  });
  request.on(
    'end',
    noting(() => (seen.isWhole = true)),
  );
  request.socket.on(
    'close',
    noting(() => (seen.isGone = true)),
  );
  return seen;
}

/** A script of a connection that has gone has nothing more to do. */
async function play(run: () => unknown, seen: UpstreamRequest): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!seen.isGone) throw error;
  }
}

async function untilWhole(changes: Changes, seen: UpstreamRequest): Promise<void> {
  const probe = (): boolean | undefined => seen.isWhole || seen.isGone || undefined;
  await changes.wait({ probe, what: () => 'the whole request' });
  if (!seen.isWhole) throw new Error('the connection went before the whole request had come');
}
