import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { rawUpgrade } from '../../test/support/raw-client.ts';
import type { TestCleanup } from '../../test/support/test-cleanup.ts';
import { joinHub, type Claim } from './upgrade-hub.ts';

const NAMED = 299;

async function serve(test: TestCleanup): Promise<{ server: Server; port: number }> {
  const server = createServer((_, response) => response.end('plain')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  test.onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

const answer = (socket: Duplex, name: string): void => {
  socket.end(`HTTP/1.1 ${NAMED} ${name}\r\nConnection: close\r\n\r\n`);
};

/** A claim of one path that answers with its name. */
const claimOf =
  (own: string, name: string): Claim =>
  (path, _, socket) => {
    if (path !== own) return false;
    answer(socket, name);
    return true;
  };

async function ask(test: TestCleanup, port: number, target: string): Promise<string> {
  const client = await rawUpgrade(test, { port, target });
  return (await client.response()).line.replace('HTTP/1.1 ', '');
}

describe('an upgrade on a shared server', () => {
  it('is answered once, by the proxy that owns its path', async (test) => {
    const { server, port } = await serve(test);
    joinHub(server, claimOf('/a', 'first'), systemClock);
    joinHub(server, claimOf('/b', 'second'), systemClock);
    expect(server.listenerCount('upgrade')).toBe(1);
    expect(await ask(test, port, '/a')).toBe('299 first');
    expect(await ask(test, port, '/b?x=1')).toBe('299 second');
  });

  it('goes to the first of two proxies that own its path, and only to it', async (test) => {
    const { server, port } = await serve(test);
    const asked: string[] = [];
    for (const name of ['first', 'second']) {
      const claim = claimOf('/a', name);
      const noted: Claim = (...upgrade) => claim(...upgrade) && asked.push(name) > 0;
      joinHub(server, noted, systemClock);
    }
    expect(await ask(test, port, '/a')).toBe('299 first');
    expect(asked).toEqual(['first']);
  });

  it.each(['/other', '/a/', '/A', '/%61', '/a/../a', '/a%2f'])(
    'to %s is refused when nobody else could answer',
    async (target) => {
      const cleanups: (() => unknown)[] = [];
      const test: TestCleanup = { onTestFinished: (run) => cleanups.push(run) };
      const { server, port } = await serve(test);
      joinHub(server, claimOf('/a', 'first'), systemClock);
      expect(await ask(test, port, target)).toBe('404 Not Found');
      for (const run of cleanups) await run();
    },
  );

  it('to what is no path is refused as malformed, and the server lives', async (test) => {
    const { server, port } = await serve(test);
    joinHub(server, claimOf('/a', 'first'), systemClock);
    for (const target of ['//', '//[::1', 'http://other.test/a', '/a#b', '/\\a']) {
      expect(await ask(test, port, target)).toBe('400 Bad Request');
    }
    expect(await ask(test, port, '/a')).toBe('299 first');
  });
});

describe('another upgrade listener on the server', () => {
  it.each(['before', 'after'])('that was there %s keeps its path, and ours keep theirs', async (when) => {
    const cleanups: (() => unknown)[] = [];
    const test: TestCleanup = { onTestFinished: (run) => cleanups.push(run) };
    const { server, port } = await serve(test);
    const foreign = (request: { url?: string }, socket: Duplex): void => {
      if (request.url === '/foreign') answer(socket, 'foreign');
    };
    if (when === 'before') server.on('upgrade', foreign);
    joinHub(server, claimOf('/a', 'first'), systemClock);
    joinHub(server, claimOf('/b', 'second'), systemClock);
    if (when === 'after') server.on('upgrade', foreign);
    expect(await ask(test, port, '/foreign')).toBe('299 foreign');
    expect(await ask(test, port, '/a')).toBe('299 first');
    expect(await ask(test, port, '/b')).toBe('299 second');
    for (const run of cleanups) await run();
  });

  it('is given time to answer', async (test) => {
    const { server, port } = await serve(test);
    const held: Duplex[] = [];
    server.on('upgrade', (_request, socket) => {
      held.push(socket);
      server.emit('held');
    });
    joinHub(server, claimOf('/a', 'first'), systemClock);
    const came = once(server, 'held');
    const client = await rawUpgrade(test, { port, target: '/foreign' });
    await came;
    expect(client.received.length).toBe(0);
    answer(held[0] as Duplex, 'late');
    expect((await client.response()).line).toContain('late');
  });
});

describe('beside another upgrade listener', () => {
  it('what is no path is refused as malformed, once', async (test) => {
    const { server, port } = await serve(test);
    const seen: unknown[] = [];
    server.on('upgrade', ({ url }) => seen.push(url));
    joinHub(server, claimOf('/a', 'first'), systemClock);
    for (const target of ['//', '//[::1', 'http://other.test/a', '/a#b', '/\\a']) {
      const client = await rawUpgrade(test, { port, target });
      expect((await client.response()).line).toBe('HTTP/1.1 400 Bad Request');
      await client.waitForClose();
      expect(client.received.toString('latin1').split('HTTP/1.1')).toHaveLength(2);
    }
    expect(seen).toHaveLength(5);
    expect(await ask(test, port, '/a')).toBe('299 first');
  });

  it('a client that resets an upgrade nobody has answered ends its socket and nothing else', async (test) => {
    const { server, port } = await serve(test);
    const came = new Promise<Duplex>((resolve) => {
      server.on('upgrade', (_request, socket) => resolve(socket));
    });
    joinHub(server, claimOf('/a', 'first'), systemClock);
    const client = await rawUpgrade(test, { port, target: '/foreign' });
    const socket = await came;
    const failures: unknown[] = [];
    socket.prependListener('error', (error) => failures.push(error));
    const gone = new Promise((resolve) => socket.once('close', resolve));
    // The reset is noticed by reading, as whoever answers such an upgrade does.
    socket.resume();
    client.reset();
    await gone;
    expect(failures).toMatchObject([{ code: 'ECONNRESET' }]);
    expect(socket.listenerCount('error')).toBeGreaterThan(1);
    expect(await ask(test, port, '/a')).toBe('299 first');
  });
});

describe('leaving', () => {
  it('makes the server as it was before', async (test) => {
    const { server, port } = await serve(test);
    const leave = joinHub(server, claimOf('/a', 'first'), systemClock);
    leave();
    expect(server.listenerCount('upgrade')).toBe(0);
    // Without a listener Node serves an upgrade as a plain request.
    expect(await ask(test, port, '/a')).toBe('200 OK');
  });

  it('leaves the others attached', async (test) => {
    const { server, port } = await serve(test);
    const leave = joinHub(server, claimOf('/a', 'first'), systemClock);
    joinHub(server, claimOf('/b', 'second'), systemClock);
    leave();
    expect(await ask(test, port, '/b')).toBe('299 second');
    expect(await ask(test, port, '/a')).toBe('404 Not Found');
  });

  it('twice does not touch who came in between', async (test) => {
    const { server, port } = await serve(test);
    const leave = joinHub(server, claimOf('/a', 'first'), systemClock);
    leave();
    joinHub(server, claimOf('/b', 'second'), systemClock);
    leave();
    joinHub(server, claimOf('/c', 'third'), systemClock);
    expect(server.listenerCount('upgrade')).toBe(1);
    expect(await ask(test, port, '/unknown')).toBe('404 Not Found');
    expect(await ask(test, port, '/b')).toBe('299 second');
    expect(await ask(test, port, '/c')).toBe('299 third');
  });

  it('and joining again works as often as one likes', async (test) => {
    const { server, port } = await serve(test);
    for (let round = 0; round < 20; round += 1) joinHub(server, claimOf('/a', 'x'), systemClock)();
    joinHub(server, claimOf('/a', 'last'), systemClock);
    expect(server.listenerCount('upgrade')).toBe(1);
    expect(await ask(test, port, '/a')).toBe('299 last');
  });
});
