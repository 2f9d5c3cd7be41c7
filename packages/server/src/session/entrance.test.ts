import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { duplexPair, type Duplex } from 'node:stream';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AuthOutcome } from '../auth/authenticator.ts';
import { ProxyError } from '../errors.ts';
import type { Leg } from '../leg/leg.ts';
import { MemoryLeg } from '../leg/memory-leg.ts';
import { deepgram } from '../upstream/presets/deepgram.ts';
import type { StopSignal } from '../stop-signal.ts';
import { createTestClock, type TestClock } from '../../test/support/test-clock.ts';
import type { Acceptance } from './accept.ts';
import { createEntrance, type EntranceParts } from './entrance.ts';
import { createRegistry } from './registry.ts';
import type { Told } from './told-refusal.ts';

const route = deepgram({ apiKey: 'k'.repeat(40) });
const limits = {
  idleMs: 1e6,
  longestMs: 1e6,
  pingMs: 1e6,
  stallMs: 1e6,
  lagMs: Infinity,
  messageMs: 1e6,
  closeMs: 5_000,
  earlyBytes: 10,
  authMs: 200,
};
const alice: AuthOutcome = { principal: { id: 'alice' } };

/** A promise that the test settles. */
function later<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: unknown) => void } {
  const made = {} as { resolve: (value: T) => void; reject: (error: unknown) => void };
  const promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }));
  return { promise, ...made };
}

let clock: TestClock;
let parts: EntranceParts;
let authenticating: ReturnType<typeof later<AuthOutcome>>;
let dialling: ReturnType<typeof later<Leg>>;
let signals: StopSignal[];
let accepted: Acceptance[];
let told: Told[];
let lines: string[];
let client: MemoryLeg;
let upstream: MemoryLeg;

beforeEach(() => {
  clock = createTestClock();
  authenticating = later();
  dialling = later();
  [signals, accepted, told, lines] = [[], [], [], []];
  client = new MemoryLeg();
  upstream = new MemoryLeg();
  const note = (word: string) => (facts: unknown, error?: unknown) => {
    lines.push(`${word} ${JSON.stringify(facts)}${error === undefined ? '' : ` ${String(error)}`}`);
  };
  parts = {
    clock,
    limits,
    endAtExpiry: false,
    hookMs: 100,
    policies: new Map(),
    resume: undefined,
    awaitCredential: () => Promise.resolve('left'),
    registry: createRegistry(clock),
    admission: {
      auth: { title: 'later', authenticate: () => authenticating.promise },
      origins: { allows: () => true },
      now: () => clock.now(),
    },
    dial: (_route, _target, signal) => {
      signals.push(signal);
      signal.addEventListener('abort', () => dialling.reject(new ProxyError('Internal', 'dial cancelled')));
      return dialling.promise;
    },
    accept: (acceptance) => {
      accepted.push(acceptance);
      return client;
    },
    refuser: { refuse: (_socket, one) => told.push(one) },
    log: {
      started: note('started'),
      ended: note('ended'),
      refused: note('refused'),
      held: note('held'),
      resumed: note('resumed'),
      left: note('left'),
      messageRefused: note('messageRefused'),
      messageWithheld: note('messageWithheld'),
      failed: note('failed'),
    },
  };
});

interface Visitor {
  readonly socket: Duplex;
  readonly peer: Duplex;
}

function enter(more: { head?: string; url?: string; headers?: object } = {}): Visitor {
  const [socket, peer] = duplexPair();
  const headers = {
    host: 'proxy.test',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    ...more.headers,
  };
  const form = {
    method: 'GET',
    url: more.url ?? '/p?token=X',
    headers,
    rawHeaders: [],
    headersDistinct: {},
    socket,
  };
  const request = form as unknown as IncomingMessage;
  createEntrance(parts)(route, request, socket, Buffer.from(more.head ?? ''));
  return { socket, peer };
}

/** Lets everything happen that needs no outside event. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

const words = (): string[] => lines.map((line) => line.split(' ')[0] ?? '');
/** Nothing is left of a visit: no session, no timer, and the dial was given up. */
function expectNothingLeft(): void {
  expect(parts.registry.size).toBe(0);
  expect(clock.pending()).toBe(0);
  expect(signals.every((signal) => signal.aborted)).toBe(true);
}

describe('an upgrade on its way in', () => {
  it('is authenticated, dialled, accepted with its early bytes, and joined, in this order', async () => {
    const { peer, socket } = enter({ head: 'one', headers: { 'sec-websocket-protocol': 'a, b' } });
    await settle();
    expect([signals.length, accepted.length]).toEqual([0, 0]);
    authenticating.resolve(alice);
    await settle();
    expect([signals.length, accepted.length, parts.registry.size]).toEqual([1, 0, 1]);
    peer.write('two');
    await once(socket, 'data');
    dialling.resolve(upstream);
    await settle();
    expect(accepted.map(({ head, echo }) => [head.toString(), echo])).toEqual([['onetwo', 'a']]);
    upstream.peerSends('hello');
    expect(client.sent).toEqual([{ payload: Buffer.from('hello'), kind: 'text' }]);
    expect(words()).toEqual(['started']);
  });

  it('that is malformed is answered over HTTP, and nobody is asked', async () => {
    const { peer } = enter({ headers: { 'content-length': '5' } });
    const [bytes] = (await once(peer, 'data')) as [Buffer];
    expect(bytes.toString()).toMatch(/^HTTP\/1\.1 400 /);
    authenticating.resolve(alice);
    await settle();
    expect([signals.length, told.length, lines.length]).toEqual([0, 0, 0]);
  });

  it('that is refused is told so and not dialled', async () => {
    enter();
    authenticating.resolve({ refusal: 'AuthExpired', why: 'old' });
    await settle();
    expect(told).toMatchObject([{ name: 'AuthExpired', style: 'close', dialect: 'deepgram' }]);
    expect(words()).toEqual(['refused']);
    expectNothingLeft();
  });

  it('whose check fails is told to try again, and the failure is logged', async () => {
    enter();
    authenticating.reject(new TypeError('broken'));
    await settle();
    expect(told).toMatchObject([{ name: 'AuthUnavailable' }]);
    expect(words()).toEqual(['failed', 'refused']);
    expect(lines[0]).toContain('TypeError: broken');
    expect(lines[1]).not.toContain('broken');
    expectNothingLeft();
  });

  it('whose admission has a bug is told of an internal failure, and the bug is logged', async () => {
    authenticating.resolve(undefined as unknown as AuthOutcome);
    enter();
    await settle();
    expect(told).toMatchObject([{ name: 'Internal' }]);
    expect(words()).toEqual(['failed', 'refused']);
    expect(lines[0]).toContain('TypeError');
    expect(lines[1]).not.toContain('TypeError');
    expectNothingLeft();
  });

  it('is logged with its route and why it was refused, without its token', async () => {
    enter({ url: '/p?token=SECRET', headers: { 'sec-websocket-protocol': 'token, SECRET' } });
    authenticating.resolve({ refusal: 'AuthInvalid', why: 'bad signature' });
    await settle();
    expect(lines).toEqual([expect.stringMatching(/^refused .*"route":"\/p"/)]);
    expect(lines[0]).toContain('"name":"AuthInvalid"');
    expect(lines[0]).toContain('"why":"bad signature"');
    expect(lines[0]).toContain(`"id":"${told[0]?.sessionId}"`);
    expect(lines.join()).not.toContain('SECRET');
  });

  it('whose check hangs is told to try again, at its time limit', async () => {
    enter();
    clock.advance(limits.authMs - 1);
    await settle();
    expect(told).toEqual([]);
    clock.advance(1);
    await settle();
    expect(told).toMatchObject([{ name: 'AuthUnavailable' }]);
    authenticating.resolve(alice);
    await settle();
    expect(signals).toEqual([]);
    expectNothingLeft();
  });

  it.each([
    { title: 'in the same packet', head: '12345678901', late: '' },
    { title: 'while it is checked', head: '12345', late: '678901' },
  ])('that sends more than its budget $title is refused', async ({ head, late }) => {
    const { peer, socket } = enter({ head });
    if (late !== '') {
      peer.write(late);
      await once(socket, 'data');
    }
    authenticating.resolve(alice);
    await settle();
    expect(told).toMatchObject([{ name: 'TooLarge' }]);
    expectNothingLeft();
  });
});

describe('a client that leaves', () => {
  it('while it is checked is not dialled for', async () => {
    const { peer, socket } = enter();
    peer.end();
    await once(socket, 'end');
    authenticating.resolve(alice);
    await settle();
    expect(words()).toEqual(['left']);
    expect(lines[0]).toMatch(/^left \{"id":"[0-9a-f-]{36}","route":"\/p"\}$/);
    expect(socket.destroyed).toBe(true);
    expect(signals).toEqual([]);
    expectNothingLeft();
  });

  it('while the upstream is dialled ends the dial at once', async () => {
    const { socket } = enter();
    authenticating.resolve(alice);
    await settle();
    socket.destroy();
    await once(socket, 'close');
    await settle();
    expect(words()).toEqual(['started', 'ended']);
    expectNothingLeft();
    expect(told).toEqual([]);
  });

  it('while the upstream answers leaves no upstream leg behind', async () => {
    parts = { ...parts, accept: () => undefined };
    enter();
    authenticating.resolve(alice);
    await settle();
    dialling.resolve(upstream);
    await settle();
    expect(upstream.calls).toContain('terminate');
    expect(words()).toEqual(['started', 'ended']);
    expectNothingLeft();
  });

  it('just before the upstream answers leaves no upstream leg behind', async () => {
    parts = { ...parts, dial: () => dialling.promise };
    const { socket } = enter();
    authenticating.resolve(alice);
    await settle();
    socket.destroy();
    await once(socket, 'close');
    dialling.resolve(upstream);
    await settle();
    expect(upstream.calls).toEqual(['terminate']);
    expect(accepted).toEqual([]);
    expectNothingLeft();
  });
});

describe('an upstream that cannot be had', () => {
  it('is told with its own row and wait', async () => {
    enter();
    authenticating.resolve(alice);
    await settle();
    dialling.reject(new ProxyError('UpstreamUnavailable', 'answered 503', { retryAfterMs: 3_000 }));
    await settle();
    expect(told).toMatchObject([{ name: 'UpstreamUnavailable', retryAfterMs: 3_000 }]);
    expect(words()).toEqual(['started', 'ended']);
    expect(lines[1]).toContain('"why":"answered 503"');
    expectUndialled();
  });

  it('because of a bug is told as an internal failure, and the bug is logged', async () => {
    enter();
    authenticating.resolve(alice);
    await settle();
    dialling.reject(new TypeError('a bug'));
    await settle();
    expect(told).toMatchObject([{ name: 'Internal' }]);
    expect(lines.find((line) => line.startsWith('failed'))).toContain('TypeError: a bug');
    expect(lines.filter((line) => !line.startsWith('failed')).join()).not.toContain('a bug');
    expectUndialled();
  });

  it('is given up when the client sends more than its budget meanwhile', async () => {
    const { peer, socket } = enter();
    authenticating.resolve(alice);
    await settle();
    peer.write('12345678901');
    await once(socket, 'data');
    await settle();
    expect(told).toMatchObject([{ name: 'TooLarge' }]);
    expectNothingLeft();
  });

  const expectUndialled = (): void => expectNothingLeft();
});

describe('a socket that somebody else has answered', () => {
  it('costs no upstream session and does not stay a session', async () => {
    parts = {
      ...parts,
      accept: () => {
        throw new Error('handleUpgrade() was called more than once with the same socket');
      },
    };
    enter();
    authenticating.resolve(alice);
    await settle();
    dialling.resolve(upstream);
    await settle();
    expect(upstream.calls).toContain('terminate');
    expect(words()).toContain('failed');
    expectNothingLeft();
  });
});

describe('draining', () => {
  it('refuses upgrades, also those that were being checked when it began', async () => {
    enter();
    void parts.registry.drain(1_000);
    enter();
    authenticating.resolve(alice);
    await settle();
    expect(told.map(({ name }) => name)).toEqual(['Draining', 'Draining']);
    expect(signals).toEqual([]);
    expectNothingLeft();
  });

  it('tells a client whose upstream is being dialled when the grace is over', async () => {
    enter();
    authenticating.resolve(alice);
    await settle();
    const drained = parts.registry.drain(1_000);
    clock.advance(1_000);
    await drained;
    await settle();
    expect(told).toMatchObject([{ name: 'Draining' }]);
    expectNothingLeft();
  });
});

describe('a session', () => {
  it.each([true, false])(
    'ends with its token only where the application says so (%s)',
    async (endAtExpiry) => {
      parts = { ...parts, endAtExpiry };
      enter();
      authenticating.resolve({ principal: { id: 'alice', expiresAtMs: clock.now() + 1_000 } });
      await settle();
      dialling.resolve(upstream);
      await settle();
      clock.advance(1_000);
      expect(client.calls.some((call) => call.includes('auth_expired'))).toBe(endAtExpiry);
    },
  );
});
