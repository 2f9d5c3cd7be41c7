import { describe, expect, it } from 'vitest';
import { NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { deepgram, withFallback } from '../../src/index.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import type { AbuseBench } from '../support/abuse-bench.ts';
import { type AbuseCase, linesSaying, runAbuseCase } from '../support/abuse-case.ts';
import { eventually } from '../support/eventually.ts';
import { startRawUpstream, type RawUpstream } from '../support/raw-upstream.ts';
import { GOODBYE } from '../support/session-case.ts';
import { MOCK_SECRET } from '../support/start-mock.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';

const ATTEMPT_MS = 10_000;
const TOTAL_MS = 15_000;

interface FirstUpstream extends RawUpstream {
  /** All bytes that came, whatever they are. */
  readonly bytes: () => string;
}

/** The address that is tried first: `onRequest` answers, or does not. */
async function startFirst(test: TestCleanup, answer?: string): Promise<FirstUpstream> {
  const chunks: Buffer[] = [];
  const upstream = await startRawUpstream(test, {
    onConnection: (socket) => void socket.on('data', (chunk: Buffer) => chunks.push(chunk)),
    onRequest: (socket) => void (answer === undefined || socket.end(answer)),
  });
  return { ...upstream, bytes: () => Buffer.concat(chunks).toString('latin1') };
}

const answering = (status: string): string => `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`;

/** Deepgram at the first address, and then at the mock's or others. */
const behind = (first: RawUpstream, ...others: string[]): NonNullable<AbuseCase['attacked']> => ({
  toRoute(mock) {
    const route = deepgram({ apiKey: MOCK_SECRET, agentUrl: `ws://127.0.0.1:${first.port}/v1` });
    const urls = { agent: [...others, mock.agentUrl] };
    return withFallback(route, { urls, totalMs: TOTAL_MS });
  },
});

const untilAsked = ({ requests }: RawUpstream): Promise<void> =>
  eventually(
    () => requests.length === 1,
    () => 'the first address to be asked',
  );

/** A client that has been served by the second address. */
async function serve(bench: AbuseBench): Promise<void> {
  const { client, session } = await bench.open();
  client.close(NORMAL_CLOSURE);
  await session.closed;
}

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  it('93: dial the next address once the silent one is given up, and send early frames to it alone', async (context) => {
    const first = await startFirst(context);
    await runAbuseCase(context, {
      mock: { allow: { anyFirstFrame: true } },
      proxy: { legs },
      attacked: behind(first),
      async attack(bench) {
        const early = encodeFrame({ opcode: OPCODES.text, payload: 'early', mask: true });
        const client = await bench.upgrade({ tail: early });
        await untilAsked(first);
        bench.clock.advance(ATTEMPT_MS);
        await bench.mock.waitForDial(1);
        expect(first.connections.map(({ destroyed }) => destroyed)).toEqual([true]);
        const session = await bench.mock.waitForSession();
        await session.waitForFrame(({ payload }) => payload.toString() === 'early');
        expect(session.frames).toHaveLength(1);
        client.close(NORMAL_CLOSURE);
        return client;
      },
      wire: GOODBYE,
      dials: 1,
      also({ logs }) {
        expect(first.requests).toHaveLength(1);
        expect(first.bytes()).toBe(first.requests[0]);
        expect(linesSaying(logs, '"address":"2 of 2"')).toHaveLength(1);
      },
    });
  });

  it('93: dial no further address where the key or the request is refused', async (context) => {
    const first = await startFirst(context, answering('401 Unauthorized'));
    await runAbuseCase(context, {
      proxy: { legs },
      attacked: behind(first),
      attack: (bench) => bench.upgrade(),
      wire: { told: 'UpstreamAuth' },
    });
  });

  it('93: wait no longer for all addresses than their time', async (context) => {
    const first = await startFirst(context);
    await runAbuseCase(context, {
      upstream: 'slowOpen',
      proxy: { legs },
      attacked: behind(first),
      async attack(bench) {
        const client = await bench.upgrade();
        await untilAsked(first);
        bench.clock.advance(ATTEMPT_MS);
        await bench.mock.waitForDial(1);
        bench.clock.advance(TOTAL_MS - ATTEMPT_MS);
        return client;
      },
      wire: { told: 'UpstreamTimeout' },
      dials: 1,
    });
  });

  it('93: give up all addresses for a client that leaves', async (context) => {
    const first = await startFirst(context);
    await runAbuseCase(context, {
      proxy: { legs },
      attacked: behind(first),
      async attack(bench) {
        const client = await bench.upgrade();
        await untilAsked(first);
        client.reset();
        await first.untilGone();
      },
      wire: 'nothing',
    });
  });

  it('93: pass over an address that has been down, without a dial', async (context) => {
    const first = await startFirst(context, answering('503 Service Unavailable'));
    await runAbuseCase(context, {
      proxy: { legs },
      attacked: behind(first),
      async attack(bench) {
        for (let count = 0; count < 20; count += 1) await serve(bench);
      },
      wire: 'nothing',
      dials: 20,
      also({ logs }) {
        expect(first.connections).toHaveLength(5);
        const opened = linesSaying(logs, 'dials to it fail at once').map(
          (line) => JSON.parse(line) as unknown,
        );
        expect(opened).toMatchObject([{ provider: 'deepgram', service: 'agent', address: '1 of 2' }]);
      },
    });
  });

  it('93: dial no further address that may not be dialled, and none behind it', async (context) => {
    const first = await startFirst(context, answering('503 Service Unavailable'));
    await runAbuseCase(context, {
      proxy: { legs },
      attacked: behind(first, 'wss://10.0.0.1/v1'),
      attack: (bench) => bench.upgrade(),
      wire: { told: 'UpstreamUnavailable' },
    });
  });
});
