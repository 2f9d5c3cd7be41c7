/** Keys of the operator that are refused, replaced, or cannot be had, over real sockets. */
import { createServer } from 'node:http';
import { pino } from 'pino';
import { describe, expect, test } from 'vitest';
import { createVoiceProxy, deepgram, none, secretSource, type ProviderKey } from '../../src/index.ts';
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { startKeyedUpstream, type KeyedUpstream } from '../support/keyed-upstream.ts';
import { expectNoSecret } from '../support/secret-search.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { createTestClock, type TestClock } from '../support/test-clock.ts';
import { openWs, type WsClient } from '../support/ws-client.ts';

const [OLD, NEW, OTHER] = [
  'old-key-0a1b2c3d4e5f6071',
  'new-key-ffeeddccbbaa9988',
  'other-key-1122334455667',
] as const;
const REFRESH_MS = 10_000;

interface Rig {
  readonly clock: TestClock;
  readonly upstream: KeyedUpstream;
  readonly url: string;
  /** Lines of the log that are about keys. */
  keyLines(): Record<string, unknown>[];
  open(): Promise<WsClient>;
}

describe.each(['bytes', 'messages'] as const)('legs of %s', (legs) => {
  async function start(context: TestCleanup, apiKey: ProviderKey, ...taken: string[]): Promise<Rig> {
    const upstream = await startKeyedUpstream(context, ...taken);
    const clock = createTestClock();
    const logs: string[] = [];
    const proxy = createVoiceProxy({
      ...{ auth: none(), clock, legs },
      routes: { '/agent': deepgram({ apiKey, agentUrl: upstream.url }) },
      logger: pino({ level: 'trace' }, { write: (line: string) => void logs.push(line) }),
    });
    const clients: WsClient[] = [];
    context.onTestFinished(async () => {
      await proxy.close();
      for (const key of [OLD, NEW, OTHER]) expectNoSecret(key, [logs, clients.map(({ frames }) => frames)]);
    });
    const { port } = await proxy.listen();
    const url = `ws://127.0.0.1:${port}/agent`;
    return {
      ...{ clock, upstream, url },
      keyLines: () =>
        logs.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => 'option' in line),
      async open() {
        const client = await openWs(context, url);
        clients.push(client);
        return client;
      },
    };
  }

  test('85: marks a key bad that the provider refuses, and tries the next one once', async (context) => {
    const { upstream, open, keyLines } = await start(context, [OLD, NEW, OTHER], NEW);
    await open();
    await open();
    expect(upstream.asked).toEqual([OLD, NEW, NEW]);
    expect(keyLines()).toMatchObject([{ level: 40, option: 'deepgram().apiKey', place: '1 of 3' }]);
  });

  test('85: tries no third key, and tells the client as for one', async (context) => {
    const { upstream, open, keyLines } = await start(context, [OLD, NEW, OTHER], OTHER);
    const { code, word: reason } = CLOSE_ROWS.UpstreamAuth;
    expect(await (await open()).waitForClose()).toEqual({ code, reason });
    expect(upstream.asked).toEqual([OLD, NEW]);
    await open();
    expect(upstream.asked).toEqual([OLD, NEW, OTHER]);
    expect(keyLines()).toHaveLength(2);
  });

  test('85: tries a key again that was refused, when no other is left', async (context) => {
    const { upstream, open } = await start(context, [OLD, NEW]);
    await (await open()).waitForClose();
    upstream.take(OLD);
    await open();
    expect(upstream.asked).toEqual([OLD, NEW, OLD]);
  });

  test('95: gives new sessions the new key in time, and leaves running ones theirs', async (context) => {
    let kept = OLD as string;
    const source = secretSource({ load: () => kept, refreshMs: REFRESH_MS });
    const { clock, upstream, open, keyLines } = await start(context, source, OLD, NEW);
    const running = await open();
    kept = NEW;
    await open();
    clock.advance(REFRESH_MS);
    await open();
    expect(upstream.asked).toEqual([OLD, OLD, NEW]);
    expect(keyLines()).toMatchObject([{ level: 30, keys: 1 }]);
    (await upstream.socket(0)).send('{"type":"Welcome"}');
    await running.waitForFrame(({ payload }) => payload.includes('Welcome'));
    // Its provider may still tell the old key.
    (await upstream.socket(0)).close(NORMAL_CLOSURE, `ended ${OLD}`);
    expect((await running.waitForClose()).reason).not.toContain(OLD);
    // A new one that was taken once stands for itself.
    upstream.take(OLD);
    expect((await (await open()).waitForClose()).code).toBe(CLOSE_ROWS.UpstreamAuth.code);
    expect(upstream.asked).toEqual([OLD, OLD, NEW, NEW]);
  });

  test('95: goes back to the key before a new one that is refused, and raises an alarm', async (context) => {
    let kept = OLD as string;
    const source = secretSource({ load: () => kept, refreshMs: REFRESH_MS });
    const { clock, upstream, open, keyLines } = await start(context, source, OLD);
    await open();
    kept = NEW;
    clock.advance(REFRESH_MS);
    await open();
    await open();
    expect(upstream.asked).toEqual([OLD, NEW, OLD, OLD]);
    expect(keyLines()).toMatchObject([{ level: 30 }, { level: 50, place: '1 of 1' }]);
  });

  test('95: asks for another key when the only one is refused, and gives it to the same session', async (context) => {
    let kept = OLD as string;
    const source = secretSource({ load: () => kept });
    const { clock, upstream, open } = await start(context, source, OLD);
    await open();
    upstream.take(NEW);
    kept = NEW;
    clock.advance(5_000);
    const client = await open();
    await upstream.socket(1);
    expect(upstream.asked).toEqual([OLD, OLD, NEW]);
    expect(client.frames).toEqual([]);
  });

  test('95: uses the last key when its source hangs, after a short wait', async (context) => {
    let onHang: (() => void) | undefined;
    const load = async (): Promise<string> => {
      if (!onHang) return OLD;
      onHang();
      return new Promise(() => undefined);
    };
    const source = secretSource({ load, refreshMs: REFRESH_MS });
    const { clock, upstream, open } = await start(context, source, OLD);
    await open();
    const hanging = new Promise<void>((resolve) => (onHang = resolve));
    clock.advance(REFRESH_MS);
    const opening = open();
    await hanging;
    expect(upstream.asked).toEqual([OLD]);
    clock.advance(250);
    await opening;
    await open();
    expect(upstream.asked).toEqual([OLD, OLD, OLD]);
  });

  test('96: does not start without a key that can be loaded', async (context) => {
    const load = (): never => {
      throw Object.assign(new Error(`no ${OLD}`), { code: 'ECONNREFUSED' });
    };
    await expect(start(context, secretSource({ load }))).rejects.toMatchObject({
      option: 'deepgram().apiKey',
      message: expect.stringContaining('(ECONNREFUSED)') as string,
    });
  });

  test('96: keeps the last key while its source is down, and tells its age', async (context) => {
    let isDown = false;
    const load = (): string => {
      if (isDown) throw new Error(`no ${OLD}`);
      return OLD;
    };
    const { clock, upstream, open, keyLines } = await start(
      context,
      secretSource({ load, refreshMs: REFRESH_MS }),
      OLD,
    );
    isDown = true;
    clock.advance(25_000);
    await open();
    expect(upstream.asked).toEqual([OLD]);
    expect(keyLines()).toMatchObject([{ level: 40, ageMs: 25_000, why: 'Error' }]);
  });
});

test('96: is not ready, and refuses sessions as for a provider in trouble, until there is a key', async (context) => {
  let isDown = true;
  const load = (): string => {
    if (isDown) throw new Error('down');
    return OLD;
  };
  const upstream = await startKeyedUpstream(context, OLD);
  const clock = createTestClock();
  const proxy = createVoiceProxy({
    ...{ auth: none(), clock, logger: false, basePath: '/voice' },
    routes: { '/agent': deepgram({ apiKey: secretSource({ load }), agentUrl: upstream.url }) },
  });
  const server = createServer(proxy.handle);
  proxy.attach(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.onTestFinished(async () => {
    await proxy.close();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const ready = async (): Promise<number> => (await fetch(`http://127.0.0.1:${port}/voice/ready`)).status;
  const open = (): Promise<WsClient> => openWs(context, `ws://127.0.0.1:${port}/voice/agent`);
  expect(await ready()).toBe(503);
  expect((await (await open()).waitForClose()).code).toBe(CLOSE_ROWS.UpstreamUnavailable.code);
  expect(upstream.asked).toEqual([]);
  isDown = false;
  clock.advance(1_000);
  await open();
  expect([upstream.asked, await ready()]).toEqual([[OLD], 200]);
});
