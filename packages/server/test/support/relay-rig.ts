/** A relay over memory legs, and all that it told its listener. */
import type { CloseName } from '../../src/contract/index.ts';
import type { LegClose, LegListener, ListenOptions } from '../../src/leg/leg.ts';
import { MemoryLeg } from '../../src/leg/memory-leg.ts';
import { Relay, type RelayPlan, type Side } from '../../src/relay/relay.ts';
import { ReplayPool } from '../../src/relay/replay-buffer.ts';

/** A memory leg whose peer can send whole messages as bytes of frames, and half ones. */
export class WireLeg extends MemoryLeg {
  #listener: LegListener | undefined;

  override listen(listener: LegListener, options: ListenOptions): void {
    this.#listener = listener;
    super.listen(listener, options);
  }

  /** The peer sends one message, in these parts; the leg must be reading. */
  peerSendsMessage(...parts: string[]): void {
    for (const part of parts.slice(0, -1)) this.peerSendsPart(part);
    this.peerSendsEnd(parts.at(-1) ?? '');
  }

  /** The peer sends bytes of a message that does not end with them. */
  peerSendsPart(part: string): void {
    this.openBytes += part.length;
    this.received.bytes += part.length;
    this.received.unfinishedBytes += part.length;
    this.isAtBoundary = false;
    this.isBetweenMessages = false;
    this.isInMessage = true;
    this.peerSendsWire(part);
  }

  /** The peer sends the end of a message. */
  peerSendsEnd(part: string): void {
    this.openBytes = 0;
    this.received.unfinishedBytes = 0;
    this.isAtBoundary = true;
    this.isBetweenMessages = true;
    this.isInMessage = false;
    this.received.messages += 1;
    this.received.bytes += part.length;
    if (this.options.countsMessages) this.#listener?.onMessageEnd(part.length);
    this.peerSendsWire(part);
    this.peerReachesBoundary();
  }
}

export class RelayRig {
  client = new WireLeg();
  readonly upstream = new WireLeg();
  readonly closes: [Side, LegClose][] = [];
  readonly gones: Side[] = [];
  readonly stalls: [Side, boolean][] = [];
  readonly controls: string[] = [];
  readonly judged: [CloseName, unknown][] = [];
  owed = 0;
  readonly relay: Relay;

  constructor(plan: RelayPlan = {}) {
    const legs = { client: this.client, upstream: this.upstream };
    this.relay = new Relay(
      legs,
      {
        onClose: (side, close) => this.closes.push([side, close]),
        onGone: (side) => this.gones.push(side),
        onStall: (side, isStalled) => this.stalls.push([side, isStalled]),
        onControl: (text) => this.controls.push(text),
        onOwed: () => (this.owed += 1),
        onJudged: (end, cause) => this.judged.push([end, cause]),
      },
      plan,
    );
  }

  start(): this {
    this.relay.start();
    return this;
  }

  /** The client comes back on another leg and has this many messages. */
  comeBack(received: number, greeting = '\u0001hello'): WireLeg {
    this.client = new WireLeg();
    this.relay.attach(this.client, received, greeting);
    return this.client;
  }
}

/** Session mode with a pool of its own. */
export function inSessionMode(windowBytes = 1_000, ackBytes = Infinity): RelayPlan & { pool: ReplayPool } {
  const pool = new ReplayPool(100_000);
  return { resumable: { windowBytes, pool, ackBytes }, pool };
}

/** What was sent on a leg: bytes of frames as they are, whole messages in angle brackets. */
export function sentOn(leg: MemoryLeg): string {
  return leg.sent.map(({ payload, kind }) => (kind === 'wire' ? `${payload}` : `<${payload}>`)).join('');
}
