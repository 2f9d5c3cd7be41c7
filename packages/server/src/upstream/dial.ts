/** Opens the upstream leg: the provider's address with the real key in the preset's slot. */
import { fillSlot } from '../contract/index.ts';
import type { Leg } from '../leg/leg.ts';
import { createRawLeg } from '../leg/raw-leg.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { OpenUpstream } from './open-upstream.ts';
import type { UpstreamHandshake } from './request-head.ts';
import type { Route } from './route.ts';
import type { Target } from './target.ts';

/** Rejects with a ProxyError, also when the signal aborts; the socket is then gone. */
export type Dial = (route: Route, target: Target, signal: StopSignal) => Promise<Leg>;

/** For legs that pass bytes. */
export function createDial(open: OpenUpstream): Dial {
  return async (route, target, signal) => {
    const { handshakeMs, maxMessageBytes } = route.preset.limits;
    const opened = await open(toHandshake(route, target), { timeoutMs: handshakeMs, signal });
    return createRawLeg({ ...opened, role: 'upstream', maxMessageBytes });
  };
}

/** What is said to the provider, with the real key in the preset's slot. */
export function toHandshake({ preset, secret }: Route, { service, url }: Target): UpstreamHandshake {
  const { upstreamAuth, subprotocol, endpoints } = preset;
  const key = secret.reveal();
  const offer = subprotocol?.offer ?? [];
  const headers = endpoints[service]?.headers ?? {};
  if (upstreamAuth.in === 'subprotocol') {
    const credentials = upstreamAuth.values.map((value) => fillSlot(value, key));
    return { url, subprotocols: [...offer, ...credentials], headers };
  }
  const text = fillSlot(upstreamAuth.format, key);
  if (upstreamAuth.in === 'header')
    return { url, subprotocols: offer, headers: { ...headers, [upstreamAuth.name]: text } };
  const pair = `${encodeURIComponent(upstreamAuth.name)}=${encodeURIComponent(text)}`;
  return { url: `${url}${url.includes('?') ? '&' : '?'}${pair}`, subprotocols: offer, headers };
}
