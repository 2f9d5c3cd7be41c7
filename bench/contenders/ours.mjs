/** The built package as an application uses it: tokens, limits, metering and the log are on, the log goes to nowhere. */
import { ConfigError, createVoiceProxy, deepgram, jwt, withoutPolicy } from '@voxproxy/server';
import { enter, readSettings } from './contender.mjs';
import { lockedRoute } from './locked-route.mjs';

/** The route's own limit on messages is below what the benchmark sends. */
const LARGEST_MESSAGE = 134_217_728;

const { port, isTls, isLocked, legs, secret } = readSettings();

function openRoute() {
  const origin = isTls ? `wss://localhost:${port}` : `ws://127.0.0.1:${port}`;
  // Its messages mean nothing to Deepgram.
  const route = withoutPolicy(deepgram({ apiKey: 'benchmark-key', agentUrl: `${origin}/bench` }));
  const limits = { ...route.preset.limits, maxMessageBytes: LARGEST_MESSAGE };
  return { ...route, preset: { ...route.preset, limits } };
}

function createProxy() {
  const route = isLocked ? lockedRoute(openRoute()) : openRoute();
  if (!route) return { absent: 'there is no locked route yet' };
  return createVoiceProxy({
    auth: jwt({ secret, algorithms: ['HS256'] }),
    routes: { '/bench': route },
    limits: { idleTimeoutMs: 600_000, longestSessionMs: 3_600_000 },
    ...(legs ? { legs } : {}),
  });
}

/** An option that this version does not have yet takes the contender out; anything else is a failure. */
function tryToCreate() {
  try {
    return createProxy();
  } catch (error) {
    if (error instanceof ConfigError) return { absent: error.message };
    throw error;
  }
}

const proxy = tryToCreate();
if (proxy.absent) enter(proxy);
else enter((await proxy.listen({ port: 0, host: '127.0.0.1' })).port);
