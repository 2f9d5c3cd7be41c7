/**
 * Joins two legs: frames pass in order and keep their kind, and a full leg pauses the other. It knows no route, user,
 * provider or deadline; the session that made it decides what an end means.
 */
import type { FrameKind, Leg, LegClose } from '../leg/leg.ts';
import { DEFAULT_WATERMARKS, type Watermarks } from './watermarks.ts';

export type Side = 'client' | 'upstream';

/** What passed in one direction. */
export interface Traffic {
  frames: number;
  bytes: number;
}

export interface RelayListener {
  /** Each peer's end, once each. */
  onClose(side: Side, close: LegClose): void;
  /** Each socket's end, once each, after `onClose`. */
  onGone(side: Side): void;
  /** The side that does not read fast enough, told again whenever it took something; `isStalled` false when it caught up. */
  onStall(side: Side, isStalled: boolean): void;
}

export interface Relay {
  /** From the client to the upstream. */
  readonly up: Readonly<Traffic>;
  /** From the upstream to the client. */
  readonly down: Readonly<Traffic>;
  /** Signs of life from the client, frames and pongs, since the start. */
  readonly clientSigns: number;
}

/** Starts copying at once; both legs must be open and not yet listened to. */
export function startRelay(
  legs: { client: Leg; upstream: Leg },
  listener: RelayListener,
  watermarks: Watermarks = DEFAULT_WATERMARKS,
): Relay {
  const up = createLane(legs.client, legs.upstream, watermarks, (is) => listener.onStall('upstream', is));
  const down = createLane(legs.upstream, legs.client, watermarks, (is) => listener.onStall('client', is));
  let pongs = 0;
  // The upstream first: its greeting must not wait for the client's leg to be set up.
  legs.upstream.listen({
    onFrame: down.pass,
    onDrain: up.drained,
    onAlive: () => undefined,
    onClose: (close) => listener.onClose('upstream', close),
    onGone: () => listener.onGone('upstream'),
  });
  legs.client.listen({
    onFrame: up.pass,
    onDrain: down.drained,
    onAlive: () => {
      pongs += 1;
    },
    onClose: (close) => listener.onClose('client', close),
    onGone: () => listener.onGone('client'),
  });
  return {
    up: up.traffic,
    down: down.traffic,
    get clientSigns() {
      return pongs + up.traffic.frames;
    },
  };
}

interface Lane {
  readonly traffic: Traffic;
  pass(payload: Buffer, kind: FrameKind): void;
  drained(): void;
}

/** One direction: reads `from`, writes `to`, and pauses `from` while `to` is full. */
function createLane(from: Leg, to: Leg, marks: Watermarks, onStall: (isStalled: boolean) => void): Lane {
  const traffic: Traffic = { frames: 0, bytes: 0 };
  let isPaused = false;
  return {
    traffic,
    pass(payload, kind) {
      traffic.frames += 1;
      traffic.bytes += payload.length;
      to.send(payload, kind);
      if (isPaused || to.bufferedBytes < marks.highBytes) return;
      isPaused = true;
      from.pause();
      onStall(true);
    },
    drained() {
      if (!isPaused) return;
      // Whoever still takes something is slow, not stalled: the deadline begins anew.
      onStall(to.bufferedBytes > marks.lowBytes);
      if (to.bufferedBytes > marks.lowBytes) return;
      isPaused = false;
      from.resume();
    },
  };
}
