import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { liveHeapBytes } from '../../test/support/live-memory.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { holdSocket, type HeldSocket } from './held-socket.ts';

/** Resolves when the signal aborts. */
function abortOf(signal: HeldSocket['signal']): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', resolve));
}

interface Rig {
  readonly held: HeldSocket;
  readonly peer: Socket;
}

/** A held socket and the client at its other end. */
async function hold(test: TestCleanup, { head = '', budget = 100 }): Promise<Rig> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.onTestFinished(() => server.close());
  const peer = connect((server.address() as AddressInfo).port, '127.0.0.1');
  peer.on('error', () => undefined);
  const [socket] = (await once(server, 'connection')) as [Socket];
  test.onTestFinished(() => {
    peer.destroy();
    socket.destroy();
  });
  return { held: holdSocket(socket, Buffer.from(head), budget), peer };
}

const text = (held: HeldSocket): string => held.release().toString();

describe('a held socket', () => {
  it('gives back what came early, in order, after what came with the request', async (test) => {
    const { held, peer } = await hold(test, { head: 'one ' });
    peer.write('two ');
    await once(held.socket, 'data');
    peer.write('three');
    await once(held.socket, 'data');
    expect(text(held)).toBe('one two three');
    expect(held.signal.aborted).toBe(false);
    expect(held.isOverBudget).toBe(false);
  });

  it('costs no more than its bytes when they come one by one', () => {
    const socket = new PassThrough();
    const held = holdSocket(socket, Buffer.alloc(0), 1_000_000);
    const before = liveHeapBytes();
    for (let at = 0; at < 200_000; at += 1) socket.emit('data', Buffer.alloc(1));
    expect(liveHeapBytes() - before).toBeLessThan(2_000_000);
    expect(held.release().length).toBe(200_000);
  });

  it('gives back nothing when nothing came', async (test) => {
    const { held } = await hold(test, {});
    expect(text(held)).toBe('');
  });

  it('leaves what comes after its release to the next reader', async (test) => {
    const { held, peer } = await hold(test, { head: 'a' });
    expect(text(held)).toBe('a');
    const next = once(held.socket, 'data');
    peer.write('b');
    held.socket.resume();
    expect(String(await next)).toBe('b');
    expect(held.signal.aborted).toBe(false);
  });

  it('aborts when the client resets the connection, and survives the error', async (test) => {
    const { held, peer } = await hold(test, {});
    const aborted = abortOf(held.signal);
    peer.resetAndDestroy();
    await aborted;
    expect(held.isOverBudget).toBe(false);
    expect(text(held)).toBe('');
  });

  it('aborts when the client ends its side', async (test) => {
    const { held, peer } = await hold(test, { head: 'a' });
    const aborted = abortOf(held.signal);
    peer.end('b');
    await aborted;
    expect(text(held)).toBe('ab');
  });

  it('survives an error after its release too', async (test) => {
    const { held, peer } = await hold(test, {});
    held.release();
    held.socket.resume();
    const closed = once(held.socket, 'close').catch(() => undefined);
    peer.resetAndDestroy();
    await closed;
    expect(held.signal.aborted).toBe(false);
  });

  it('takes exactly its budget', async (test) => {
    const { held, peer } = await hold(test, { head: '12345', budget: 10 });
    peer.write('67890');
    await once(held.socket, 'data');
    expect(held.signal.aborted).toBe(false);
    expect(text(held)).toBe('1234567890');
  });

  it('aborts and reads no more beyond its budget', async (test) => {
    const { held, peer } = await hold(test, { head: '12345', budget: 10 });
    const aborted = abortOf(held.signal);
    peer.write('678901');
    await aborted;
    expect(held.isOverBudget).toBe(true);
    expect(held.socket.isPaused()).toBe(true);
    expect(text(held).length).toBe(11);
  });

  it('is over budget and gone from the start when too much came with the request', async (test) => {
    const { held } = await hold(test, { head: 'x'.repeat(11), budget: 10 });
    expect(held.isOverBudget).toBe(true);
    expect(held.signal.aborted).toBe(true);
  });
});
