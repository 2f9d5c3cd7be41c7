/** Opens the upstream leg: the provider's address with the real key in the preset's slot. */
import { fillSlot, type HandshakeSlot } from '../contract/index.ts';
import type { Leg } from '../leg/leg.ts';
import { createRawLeg } from '../leg/raw-leg.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { OpenedUpstream, OpenUpstream } from './open-upstream.ts';
import type { UpstreamHandshake } from './request-head.ts';
import type { Route } from './route.ts';
import type { Target } from './target.ts';

/** Rejects with a ProxyError, also when the signal aborts; the socket is then gone. */
export type DialFor<Opened> = (route: Route, target: Target, signal: StopSignal) => Promise<Opened>;
export type Dial = DialFor<Leg>;

/** For connections that have no leg yet. */
export function createOpenDial(open: OpenUpstream): DialFor<OpenedUpstream> {
  return async (route, target, signal) =>
    open(toHandshake(route, target), { timeoutMs: route.preset.limits.handshakeMs, signal });
}

/** Legs that pass bytes, over the connections of `dial`. */
export function withRawLegs(dial: DialFor<OpenedUpstream>): Dial {
  return async (route, target, signal) => {
    const opened = await dial(route, target, signal);
    return createRawLeg({
      ...opened,
      role: 'upstream',
      maxMessageBytes: route.preset.limits.maxMessageBytes,
    });
  };
}

/** What is said to the provider, with the real key in the preset's slot, or with the user's token in those for tokens. */
export function toHandshake(
  { preset, keys }: Route,
  { service, url, token, key: given }: Target,
): UpstreamHandshake {
  const { upstreamAuth, subprotocol, endpoints } = preset;
  const endpoint = endpoints[service];
  const bare = { url, subprotocols: subprotocol?.offer ?? [], headers: endpoint?.headers ?? {} };
  const proof = token ?? given ?? keys.candidates()[0];
  if (!proof) return bare;
  const key = proof.reveal();
  const slots = (token && endpoint?.userToken?.slots) ?? [upstreamAuth];
  return slots.reduce((handshake, slot) => withProof(handshake, slot, key), bare);
}

/** What is said, with a credential in one slot more. */
function withProof(said: UpstreamHandshake, slot: HandshakeSlot, key: string): UpstreamHandshake {
  const { url, subprotocols, headers } = said;
  if (slot.in === 'subprotocol') {
    const credentials = slot.values.map((value) => fillSlot(value, key));
    return { ...said, subprotocols: [...subprotocols, ...credentials] };
  }
  const text = fillSlot(slot.format, key);
  if (slot.in === 'header') return { ...said, headers: { ...headers, [slot.name]: text } };
  const pair = `${encodeURIComponent(slot.name)}=${encodeURIComponent(text)}`;
  return { ...said, url: `${url}${url.includes('?') ? '&' : '?'}${pair}` };
}
