/**
 * Spares a provider that is down, and the clients that wait for it: after failed dials in a row further ones fail at once, until one
 * dial at a time finds the provider back. It keeps only what fails, and sets no timer. How to dial is left to others.
 */
import type { Clock } from '../clock.ts';
import { ProxyError } from '../errors.ts';
import type { DialFor } from './dial.ts';
import { parseUpstreamUrl } from './request-head.ts';
import type { Route } from './route.ts';
import type { Target } from './target.ts';

export interface BreakerRules {
  /** Failed dials in a row after which further ones fail at once. */
  readonly failures: number;
  /** First time without dials, in milliseconds; it doubles with each failed probe. */
  readonly shortestMs: number;
  /** Longest time without dials, in milliseconds. */
  readonly longestMs: number;
}

/** Which upstream it is about, in the words of its preset; its address may be a secret. */
export interface BreakerFacts {
  readonly provider: string;
  readonly service: string;
  /** Such as `2 of 3`, where a route has several. */
  readonly address?: string | undefined;
}

export interface BreakerParts {
  readonly clock: Clock;
  readonly rules: BreakerRules;
  /** From here on dials fail at once. Not called again for probes that fail. */
  readonly onOpened: (facts: BreakerFacts) => void;
  /** The provider is back. */
  readonly onClosed: (facts: BreakerFacts) => void;
  /** From 0 to below 1. Default Math.random. */
  readonly random?: () => number;
}

/** Clients may choose a part of the address, so a route could fail at any number of them; beyond this the oldest is forgotten. */
export const MOST_CIRCUITS = 100;

/** One upstream that fails. There is none for an upstream that does not. */
interface Circuit {
  failures: number;
  /** The next wait before jitter, in milliseconds. */
  waitMs: number;
  /** While it is undefined, dials go on. */
  openUntilMs: number | undefined;
  isProbed: boolean;
}

/** Like `dial`; also rejects with `UpstreamUnavailable` and a wait, without a dial, while the upstream is taken for dead. */
export function withBreaker<Opened>(dial: DialFor<Opened>, parts: BreakerParts): DialFor<Opened> {
  const circuitsOf = createCircuits();
  return async (route, target, signal) => {
    const [circuits, key] = [circuitsOf(route.registered ?? route), keyOf(target)];
    const facts = { provider: route.preset.id, service: target.service, address: target.address };
    const circuit = circuits.get(key);
    const isProbe = circuit?.openUntilMs !== undefined;
    if (isProbe) beginProbe(parts, circuit);
    try {
      const opened = await dial(route, target, signal);
      succeed(parts, circuits, key, facts);
      return opened;
    } catch (error) {
      const told = error instanceof ProxyError ? error.tells : undefined;
      if (told === 'down') fail(parts, circuits, key, { isProbe, facts });
      // A dial that was cancelled, or not made because of its address, says nothing.
      else if (told === 'there') succeed(parts, circuits, key, facts);
      throw error;
    } finally {
      if (isProbe) circuit.isProbed = false;
    }
  };
}

type Circuits = Map<string, Circuit>;

/** By route: what fails for one need not fail for another with another key. */
function createCircuits(): (route: Route) => Circuits {
  const byRoute = new WeakMap<Route, Circuits>();
  return (route) => {
    const circuits = byRoute.get(route) ?? new Map<string, Circuit>();
    byRoute.set(route, circuits);
    return circuits;
  };
}

/** Without the path and the query, which are the client's. */
function keyOf({ service, url }: Target): string {
  return `${service} ${parseUpstreamUrl(url).origin}`;
}

/** Takes the one place for a probe. @throws ProxyError when there is none, or when it is not yet time. */
function beginProbe({ clock, rules }: BreakerParts, circuit: Circuit): void {
  const leftMs = (circuit.openUntilMs ?? 0) - clock.elapsed();
  if (leftMs > 0 || circuit.isProbed) {
    const retryAfterMs = leftMs > 0 ? leftMs : rules.shortestMs;
    throw new ProxyError('UpstreamUnavailable', 'not dialled: the dials before failed', {
      retryAfterMs,
      tells: 'down',
    });
  }
  circuit.isProbed = true;
}

function succeed({ onClosed }: BreakerParts, circuits: Circuits, key: string, facts: BreakerFacts): void {
  const wasOpen = circuits.get(key)?.openUntilMs !== undefined;
  circuits.delete(key);
  if (wasOpen) onClosed(facts);
}

function fail(
  parts: BreakerParts,
  circuits: Circuits,
  key: string,
  { isProbe, facts }: { readonly isProbe: boolean; readonly facts: BreakerFacts },
): void {
  const { rules, onOpened } = parts;
  const circuit = circuits.get(key) ?? addCircuit(circuits, key, rules);
  circuit.failures += 1;
  const wasOpen = circuit.openUntilMs !== undefined;
  // A dial that began before the others failed says nothing new.
  if (wasOpen ? !isProbe : circuit.failures < rules.failures) return;
  open(parts, circuit);
  if (!wasOpen) onOpened(facts);
}

function addCircuit(circuits: Circuits, key: string, { shortestMs }: BreakerRules): Circuit {
  const [oldest] = circuits.keys();
  if (oldest !== undefined && circuits.size >= MOST_CIRCUITS) circuits.delete(oldest);
  const circuit = { failures: 0, waitMs: shortestMs, openUntilMs: undefined, isProbed: false };
  circuits.set(key, circuit);
  return circuit;
}

/** For half the wait and a random part of the other half, so that several servers do not probe together. */
function open({ clock, rules, random = Math.random }: BreakerParts, circuit: Circuit): void {
  circuit.openUntilMs = clock.elapsed() + (circuit.waitMs / 2) * (1 + random());
  circuit.waitMs = Math.min(circuit.waitMs * 2, rules.longestMs);
}
