import { describe, expect, it } from 'vitest';
import { none } from './auth/none.ts';
import { systemClock } from './clock.ts';
import { ConfigError } from './errors.ts';
import { silentLogger } from './observability/log.ts';
import { DEFAULT_LIMITS, resolveOptions, type VoiceProxyOptions } from './options.ts';
import { DEFAULT_BREAKER } from './upstream/breaker-options.ts';
import { deepgram } from './upstream/presets/deepgram.ts';

const route = deepgram({ apiKey: 'a-key-that-must-not-be-told' });
const good: VoiceProxyOptions = { auth: none(), routes: { '/proxy': route } };

/** Options as JavaScript lets them through. */
const resolve = (more: object): ReturnType<typeof resolveOptions> =>
  resolveOptions({ ...good, ...more } as VoiceProxyOptions);
const errorOf = (run: () => unknown): ConfigError => {
  try {
    run();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

const limitNames = Object.keys(DEFAULT_LIMITS);
const mayBeInfinite = [
  'idleTimeoutMs',
  'longestSessionMs',
  'pingIntervalMs',
  'lagTimeoutMs',
  'messageTimeoutMs',
];

describe('resolveOptions', () => {
  it('needs no more than auth and routes', () => {
    expect(resolve({})).toEqual({
      auth: good.auth,
      routes: new Map([['/proxy', route]]),
      httpRoutes: new Map(),
      ipAllowList: undefined,
      trustedProxies: 0,
      origins: undefined,
      allowNoOrigin: true,
      basePath: undefined,
      endAtExpiry: false,
      allowPrivateUpstreams: false,
      upstreamTls: undefined,
      sessionMode: true,
      legs: 'bytes',
      breaker: DEFAULT_BREAKER,
      limits: DEFAULT_LIMITS,
      logger: undefined,
      clock: systemClock,
    });
  });

  it('puts the base path before every route', () => {
    const { routes } = resolve({ basePath: '/voice', routes: { '/a': route, '/b/c': route } });
    expect([...routes.keys()]).toEqual(['/voice/a', '/voice/b/c']);
  });

  it('takes undefined for left out', () => {
    const limits = Object.fromEntries(limitNames.map((name) => [name, undefined]));
    const nothing = {
      origins: undefined,
      allowNoOrigin: undefined,
      sessionMode: undefined,
      legs: undefined,
      logger: undefined,
      clock: undefined,
      limits,
    };
    expect(resolve(nothing)).toEqual(resolve({}));
  });

  it.each(limitNames)('takes limits.%s at its least, and no other limit with it', (name) => {
    expect(resolve({ limits: { [name]: 1 } }).limits).toEqual({ ...DEFAULT_LIMITS, [name]: 1 });
  });

  it.each(mayBeInfinite)('takes Infinity for limits.%s', (name) => {
    expect(resolve({ limits: { [name]: Infinity } }).limits).toMatchObject({ [name]: Infinity });
  });

  it.each(['bytes', 'messages'])('takes %s for legs', (legs) => {
    expect(resolve({ legs }).legs).toBe(legs);
  });

  it.each([true, false])('takes session mode %s', (sessionMode) => {
    expect(resolve({ sessionMode }).sessionMode).toBe(sessionMode);
  });

  it.each([
    [false, undefined],
    [{}, DEFAULT_BREAKER],
    [
      { failures: undefined, longestMs: 3_600_000 },
      { ...DEFAULT_BREAKER, longestMs: 3_600_000 },
    ],
    [
      { failures: 1, shortestMs: 5, longestMs: 5 },
      { failures: 1, shortestMs: 5, longestMs: 5 },
    ],
  ])('takes %j for the breaker', (breaker, resolved) => {
    expect(resolve({ breaker }).breaker).toEqual(resolved);
  });

  it('keeps what it was given, not a copy that has lost its methods', () => {
    const resolved = resolve({ logger: silentLogger, clock: systemClock });
    expect(resolved.logger).toBe(silentLogger);
    expect(resolved.clock).toBe(systemClock);
    expect(resolved.routes.get('/proxy')?.keys).toBe(route.keys);
    expect(resolve({ logger: false }).logger).toBe(false);
  });
});

describe('resolveOptions refuses', () => {
  const wrongNumbers = [0, -1, NaN, -Infinity, '5', null, true, {}];

  it.each(limitNames)('every wrong value of limits.%s, naming it and its range', (name) => {
    const tooLarge = mayBeInfinite.includes(name) ? [] : [Infinity, 1e300];
    for (const value of [...wrongNumbers, ...tooLarge]) {
      const { option, message } = errorOf(() => resolve({ limits: { [name]: value } }));
      expect(option).toBe(`limits.${name}`);
      expect(message).toMatch(/is not a number above 0(, or Infinity for never| and at most \d+)\.$/);
    }
  });

  it.each([
    { title: 'no auth', more: { auth: undefined }, option: 'auth', says: 'Pass jwt(' },
    { title: 'an auth that authenticates nobody', more: { auth: {} }, option: 'auth', says: 'none()' },
    { title: 'the function jwt itself', more: { auth: () => undefined }, option: 'auth', says: 'Pass jwt(' },
    { title: 'no routes', more: { routes: undefined }, option: 'routes', says: 'Write it like' },
    { title: 'an empty table of routes', more: { routes: {} }, option: 'routes', says: 'Add one' },
    { title: 'a list of routes', more: { routes: [route] }, option: 'routes', says: 'Write it like' },
    {
      title: 'a path without slash',
      more: { routes: { proxy: route } },
      option: 'routes.proxy',
      says: 'Write it like /',
    },
    {
      title: 'a path with a slash at its end',
      more: { routes: { '/a/': route } },
      option: 'routes./a/',
      says: 'not a path',
    },
    {
      title: 'a path with two slashes',
      more: { routes: { '//a': route } },
      option: 'routes.//a',
      says: 'not a path',
    },
    {
      title: 'a path with a query',
      more: { routes: { '/a?b': route } },
      option: 'routes./a?b',
      says: 'not a path',
    },
    {
      title: 'an encoded path',
      more: { routes: { '/%61': route } },
      option: 'routes./%61',
      says: 'not a path',
    },
    { title: 'the root as path', more: { routes: { '/': route } }, option: 'routes./', says: 'not a path' },
    {
      title: 'a URL as route',
      more: { routes: { '/a': 'wss://up.test' } },
      option: 'routes./a',
      says: 'Use a preset',
    },
    { title: 'null as route', more: { routes: { '/a': null } }, option: 'routes./a', says: 'Use a preset' },
    {
      title: 'origins that are no list',
      more: { origins: 'https://a.test' },
      option: 'origins',
      says: 'Write it like [',
    },
    {
      title: 'an origin that is no text',
      more: { origins: [/a/] },
      option: 'origins.0',
      says: 'Write it like https:',
    },
    {
      title: 'a text as flag',
      more: { allowNoOrigin: 'false' },
      option: 'allowNoOrigin',
      says: 'true nor false',
    },
    { title: 'other legs', more: { legs: 'ws' }, option: 'legs', says: "neither 'bytes' nor 'messages'" },
    { title: 'a flag as legs', more: { legs: true }, option: 'legs', says: "neither 'bytes' nor 'messages'" },
    ...[
      { breaker: true, option: 'breaker', says: 'neither false nor an object' },
      { breaker: null, option: 'breaker', says: 'neither false nor an object' },
      { breaker: { failures: 0 }, option: 'breaker.failures', says: 'a whole number from 1' },
      { breaker: { failures: 1.5 }, option: 'breaker.failures', says: 'a whole number from 1' },
      { breaker: { shortestMs: 0 }, option: 'breaker.shortestMs', says: 'at most 60000' },
      { breaker: { longestMs: Infinity }, option: 'breaker.longestMs', says: 'at most 3600000' },
      { breaker: { wait: 1 }, option: 'breaker.wait', says: 'is not an option' },
    ].map(({ breaker, ...rest }) => ({
      ...rest,
      title: `the breaker ${JSON.stringify(breaker)}`,
      more: { breaker },
    })),
    {
      title: 'a breaker whose longest time is less than its shortest',
      more: { breaker: { shortestMs: 40_000 } },
      option: 'breaker.longestMs',
      says: 'less than shortestMs, 40000',
    },
    {
      title: 'a text as session mode',
      more: { sessionMode: 'on' },
      option: 'sessionMode',
      says: 'true nor false',
    },
    {
      title: 'a hook time over a minute',
      more: { limits: { hookTimeoutMs: 60_001 } },
      option: 'limits.hookTimeoutMs',
      says: 'at most 60000',
    },
    {
      title: 'a hold over ten minutes',
      more: { limits: { resumeHoldMs: 600_001 } },
      option: 'limits.resumeHoldMs',
      says: 'at most 600000',
    },
    {
      title: 'a replay window over 16 MiB',
      more: { limits: { resumeBytes: 16_777_217 } },
      option: 'limits.resumeBytes',
      says: 'at most 16777216',
    },
    { title: 'a number as flag', more: { endAtExpiry: 1 }, option: 'endAtExpiry', says: 'true nor false' },
    { title: 'an empty base path', more: { basePath: '' }, option: 'basePath', says: 'Write it like /voice' },
    {
      title: 'a base path of one slash',
      more: { basePath: '/' },
      option: 'basePath',
      says: 'Write it like /voice',
    },
    {
      title: 'a base path with a slash at its end',
      more: { basePath: '/a/' },
      option: 'basePath',
      says: 'Write it like /voice',
    },
    {
      title: 'a base path that is no text',
      more: { basePath: 5 },
      option: 'basePath',
      says: 'Write it like /voice',
    },
    { title: 'limits that are no object', more: { limits: 5 }, option: 'limits', says: 'Write it like' },
    { title: 'true as logger', more: { logger: true }, option: 'logger', says: 'Pass a logger' },
    {
      title: 'a logger without methods',
      more: { logger: {} },
      option: 'logger',
      says: 'info, warn and error',
    },
    { title: 'a clock without methods', more: { clock: {} }, option: 'clock', says: 'now, after and every' },
    {
      title: 'an option that does not exist',
      more: { orgins: [] },
      option: 'orgins',
      says: 'Check its spelling',
    },
    {
      title: 'a limit that does not exist',
      more: { limits: { idleMs: 5 } },
      option: 'limits.idleMs',
      says: 'Check its spelling',
    },
  ])('$title, naming the option and what to do', ({ more, option, says }) => {
    const error = errorOf(() => resolve(more));
    expect(error.option).toBe(option);
    expect(error.message.startsWith(`${option}: `)).toBe(true);
    expect(error.message).toContain(says);
  });

  it.each([undefined, null, 5, 'x', []])('%j in place of options', (options) => {
    const { message } = errorOf(() => resolveOptions(options as unknown as VoiceProxyOptions));
    expect(message).toContain('Write it like createVoiceProxy({ auth, routes })');
  });

  it('without telling the key', () => {
    const { message } = errorOf(() => resolve({ auth: route, basePath: route }));
    expect(message).not.toContain('must-not-be-told');
  });
});
