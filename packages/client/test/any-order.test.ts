/** What holds whatever happens, in whatever order, to a client. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLive } from '../src/connection/state.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../src/contract.ts';
import { createFakeWebSocket, type FakeSocket } from './support/fake-websocket.ts';
import { WatchedClient } from './support/watched-client.ts';

interface Stage {
  readonly watched: WatchedClient;
  readonly sockets: FakeSocket[];
  readonly last: FakeSocket | undefined;
}

const ignore = (): void => {};

const actions = {
  connect: ({ watched }) => void watched.client.connect().catch(ignore),
  close: ({ watched }) => void watched.client.close(),
  abort: ({ watched }) => {
    const aborter = new AbortController();
    void watched.client.connect({ signal: aborter.signal }).catch(ignore);
    aborter.abort();
  },
  send: ({ watched }) => isLive(watched.snapshot.state) && watched.client.send('frame'),
  open: ({ last }) => last?.open(),
  frame: ({ last }) => last?.receive('{"type":"Welcome"}'),
  errorFrame: ({ last }) => last?.receive('{"type":"Error","code":"internal_error"}'),
  lose: ({ last }) => last?.end(1006),
  finish: ({ last }) => last?.end(NORMAL_CLOSURE),
  refuse: ({ last }) => last?.end(CLOSE_ROWS.AuthExpired.code, CLOSE_ROWS.AuthExpired.word),
  limit: ({ last }) => last?.end(CLOSE_ROWS.RateLimited.code, `${CLOSE_ROWS.RateLimited.word} retry_after=3`),
  offline: ({ watched }) => watched.network.tell('offline'),
  online: ({ watched }) => watched.network.tell('online'),
  wake: ({ watched }) => watched.network.tell('wake'),
  pass: ({ watched }) => watched.scheduler.advance(400),
  passLong: ({ watched }) => watched.scheduler.advance(6_000),
} satisfies Record<string, (stage: Stage) => unknown>;

const names = Object.keys(actions) as (keyof typeof actions)[];
const settled = (): Promise<void> => new Promise(setImmediate);

async function closeAll({ watched, sockets }: Stage): Promise<void> {
  const closed = watched.client.close();
  sockets.at(-1)?.end(NORMAL_CLOSURE);
  await closed;
}

async function play(steps: readonly (keyof typeof actions)[]): Promise<Stage> {
  const { sockets, WebSocket } = createFakeWebSocket();
  const watched = new WatchedClient({ url: 'ws://host/', WebSocket, token: ({ reason }) => reason });
  for (const step of steps) {
    actions[step]({ watched, sockets, last: sockets.at(-1) });
    await settled();
    expect(sockets.filter(({ readyState }) => readyState < 2).length).toBeLessThanOrEqual(1);
    const isOpen = sockets.at(-1)?.readyState === 1;
    expect(watched.snapshot.state === 'open').toBe(isOpen);
  }
  return { watched, sockets, last: sockets.at(-1) };
}

const anySteps = fc.array(fc.constantFrom(...names), { maxLength: 40 });

test('has at most one socket, shows its state, and leaves nothing after close()', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, async (steps) => {
      const stage = await play(['connect', ...steps]);
      await closeAll(stage);
      const { watched, sockets } = stage;
      expect(watched.scheduler.pending).toEqual([]);
      expect(watched.network.listeners.size).toBe(0);
      expect(sockets.every(({ readyState }) => readyState >= 2)).toBe(true);
      expect(watched.payloads('close')).toHaveLength(watched.payloads('open').length);
      expect(['closed', 'failed']).toContain(watched.snapshot.state);
    }),
    { numRuns: 200 },
  );
});

test('sends no held frame twice and none after a later one', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, async (steps) => {
      const stage = await play(['connect']);
      const { watched, sockets } = stage;
      let count = 0;
      for (const step of steps) {
        if (step !== 'send') actions[step]({ watched, sockets, last: sockets.at(-1) });
        else if (isLive(watched.snapshot.state)) watched.client.send(`${count++}`);
        await settled();
      }
      await closeAll(stage);
      for (const { sent } of sockets) {
        const numbers = sent.map(Number);
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
      }
    }),
    { numRuns: 100 },
  );
});
