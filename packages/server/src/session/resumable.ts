/**
 * Session mode's part of a session: greets the client, acknowledges what it sent, and when its connection is lost holds the
 * upstream for its return. What an end means is the session's concern.
 */
import type { Clock } from '../clock.ts';
import { readControlFrame, type Reset, SESSION_VERSION, toControlFrame } from '../contract/index.ts';
import type { CloseName } from '../contract/index.ts';
import type { Leg } from '../leg/leg.ts';
import type { Relay } from '../relay/relay.ts';
import type { ReplayPool } from '../relay/replay-buffer.ts';
import type { Keepalive } from '../upstream/vendor-facts.ts';
import type { Owner, ResumeTable, Returnable } from './resume-table.ts';

export interface ResumeLimits {
  /** How long a session is held whose client has vanished, in milliseconds. */
  readonly holdMs: number;
  /** Bytes that are kept for either side. */
  readonly windowBytes: number;
}

type HeldKeepalive = Pick<Keepalive, 'text' | 'everyMs'>;

export interface ResumablePlan {
  readonly owner: Owner;
  readonly limits: ResumeLimits;
  readonly table: ResumeTable;
  readonly pool: ReplayPool;
  /** What keeps the provider from hanging up while the session is held. */
  readonly keepalive: HeldKeepalive | undefined;
  /** Told in the first hello: the session that the client asked for could not go on. */
  readonly reset: Reset | undefined;
  onHeld(): void;
  onResumed(): void;
}

export interface ResumableListener {
  /** The session gets a new client leg; its credential ends it then, if it does. */
  onReturning(leg: Leg, endsAtMs: number | undefined): void;
  /** All that was kept is on its way. */
  onReturned(): void;
  /** The client did not come back in time, or was told that it cannot. */
  onGivenUp(): void;
  /** The client broke the rules of session mode. */
  onBreach(name: CloseName, why: string): void;
}

/** Each end acknowledges at the latest after this time, or after this many bytes. */
export const ACK_MS = 500;
export const ACK_BYTES = 32_768;

/** A shorter loss goes by without one. */
const FIRST_KEEPALIVE_MS = 1_000;

/** Ids that are good at once. A client that comes back so often without reading a hello is told `unknown` for older ones. */
const MOST_IDS = 8;

export class Resumable implements Returnable {
  readonly #clock: Clock;
  readonly #plan: ResumablePlan;
  readonly #relay: Relay;
  readonly #listener: ResumableListener;
  /** The newest id last; an older one is good until the client has shown that it knows the newer. */
  #ids: string[] = [];
  #acknowledged = 0;
  /** What the client's leg had sent when the newest id was told. */
  #signsAtHello = 0;
  #isOver = false;
  #counts: { received: number; sent: number } | undefined;
  readonly #cancelAcks: () => void;
  #cancelHold: (() => void)[] = [];

  constructor(clock: Clock, plan: ResumablePlan, relay: Relay, listener: ResumableListener) {
    this.#clock = clock;
    this.#plan = plan;
    this.#relay = relay;
    this.#listener = listener;
    this.#cancelAcks = clock.every(ACK_MS, () => this.acknowledge());
  }

  get owner(): Owner {
    return this.#plan.owner;
  }

  get counts(): { received: number; sent: number } {
    return this.#counts ?? this.#relay.counts;
  }

  /** The first frame of a connection. */
  greeting(isResumed: boolean): string {
    const id = this.#plan.table.issue(this);
    this.#ids.push(id);
    this.#plan.table.retire(this.#ids.splice(0, this.#ids.length - MOST_IDS));
    this.#signsAtHello = this.#relay.clientSigns;
    this.#acknowledged = this.#relay.settleAccount();
    const { limits, reset } = this.#plan;
    return toControlFrame({
      type: 'hello',
      version: SESSION_VERSION,
      id,
      received: this.#acknowledged,
      resumed: isResumed,
      hold_ms: limits.holdMs,
      ack_ms: ACK_MS,
      ack_bytes: ACK_BYTES,
      ...(reset && !isResumed ? { reset } : {}),
    });
  }

  onControl(text: string): void {
    const frame = readControlFrame(text);
    if (!frame) this.#listener.onBreach('PolicyViolation', 'a control frame that cannot be read');
    else if (frame.type === 'ack' && !this.#acknowledges(frame['received']))
      this.#listener.onBreach('PolicyViolation', 'an acknowledgement that cannot be');
  }

  #acknowledges(received: unknown): boolean {
    return typeof received === 'number' && this.#relay.acknowledge(received);
  }

  /** Tells the client what was taken, behind the message that is under way to it. */
  acknowledge(): void {
    if (this.#relay.received !== this.#acknowledged) this.#relay.tellClient(this.#makeAck);
  }

  readonly #makeAck = (): string => {
    this.#acknowledged = this.#relay.settleAccount();
    return toControlFrame({ type: 'ack', received: this.#acknowledged });
  };

  /** The client's connection is lost: holds the session. False when that is not possible without loss. */
  hold(): boolean {
    const { limits, keepalive, onHeld } = this.#plan;
    if (!this.#relay.canDetach) return false;
    this.#relay.detach();
    this.#cancelHold.push(this.#clock.after(limits.holdMs, () => this.#listener.onGivenUp()));
    if (keepalive) this.#keepAlive(keepalive);
    onHeld();
    return true;
  }

  /** Soon after the loss, since the client may have been silent for a while. */
  #keepAlive({ text, everyMs }: HeldKeepalive): void {
    const send = (): void => this.#relay.keepUpstreamAwake(text);
    const firstMs = Math.min(FIRST_KEEPALIVE_MS, everyMs);
    this.#cancelHold.push(this.#clock.after(firstMs, send), this.#clock.every(everyMs, send));
  }

  canReturn(received: number): boolean {
    return !this.#isOver && this.#relay.canAttach(received);
  }

  comeBack(leg: Leg, received: number, endsAtMs?: number): void {
    this.#release();
    this.#plan.onResumed();
    // Before it is listened to: it may be gone again already.
    this.#listener.onReturning(leg, endsAtMs);
    this.#relay.attach(leg, received, this.greeting(true));
    this.#listener.onReturned();
  }

  refuse(id: string, received: number): Reset {
    const reset: Reset = { cause: 'lost', ...this.counts };
    const isConnected = !this.#isOver && !this.#relay.isDetached;
    // Late, or wrong: whoever has the session keeps it.
    if (isConnected && !this.#relay.mayHave(received)) return { cause: 'unknown' };
    if (!isConnected || id === this.#ids.at(-1)) this.#giveUp();
    return reset;
  }

  #giveUp(): void {
    this.#plan.table.retire(this.#ids.splice(0));
    this.#listener.onGivenUp();
  }

  /** The session has ended; `isLost` keeps its counts for a client that comes back to ask. */
  stop(isLost: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#counts = this.#relay.counts;
    this.#cancelAcks();
    this.#release();
    this.#relay.release();
    if (isLost) this.#plan.table.retireLater(this.#ids.splice(0), this.#plan.limits.holdMs);
    else this.#plan.table.retire(this.#ids.splice(0));
  }

  /** Whoever has sent something on this connection has read its hello. */
  retireOldIds(): void {
    if (this.#ids.length > 1 && this.#relay.clientSigns > this.#signsAtHello)
      this.#plan.table.retire(this.#ids.splice(0, this.#ids.length - 1));
  }

  #release(): void {
    for (const cancel of this.#cancelHold.splice(0)) cancel();
  }
}
