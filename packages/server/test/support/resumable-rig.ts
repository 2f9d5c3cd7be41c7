/** Session mode's part of a session over memory legs, with a clock that is moved by hand. */
import { expect } from 'vitest';
import {
  ABNORMAL_CLOSURE,
  readControlFrame,
  toControlFrame,
  type HelloFrame,
} from '../../src/contract/index.ts';
import { MemoryLeg } from '../../src/leg/memory-leg.ts';
import { Relay } from '../../src/relay/relay.ts';
import { ReplayPool } from '../../src/relay/replay-buffer.ts';
import { ACK_BYTES, Resumable, type ResumablePlan } from '../../src/session/resumable.ts';
import { ResumeTable } from '../../src/session/resume-table.ts';
import { createTestClock } from './test-clock.ts';

export const owner = { principal: 'alice', path: '/proxy' };
export const limits = { holdMs: 30_000, windowBytes: 1_000 };

export class ResumableRig {
  readonly clock = createTestClock();
  readonly table = new ResumeTable(this.clock);
  readonly pool = new ReplayPool(10_000);
  readonly client = new MemoryLeg();
  readonly upstream = new MemoryLeg();
  /** What the session and the log are told. */
  readonly told: string[] = [];
  #resumable: Resumable | undefined;

  get resumable(): Resumable {
    if (!this.#resumable) throw new Error('not started');
    return this.#resumable;
  }

  start(more: Partial<ResumablePlan> = {}): void {
    const { client, upstream, clock, table, pool, told } = this;
    const note = (what: string) => () => void told.push(what);
    const relay = new Relay(
      { client, upstream },
      {
        onClose: (side) => told.push(`${side} closed`),
        onGone: () => undefined,
        onStall: (side, isStalled) => told.push(`${side} ${isStalled ? 'stalls' : 'reads'}`),
        onControl: (text) => this.resumable.onControl(text),
        onOwed: () => this.resumable.acknowledge(),
        onJudged: () => undefined,
      },
      { resumable: { windowBytes: limits.windowBytes, pool, ackBytes: ACK_BYTES } },
    );
    const plan = { owner, limits, table, pool, keepalive: undefined, reset: undefined };
    this.#resumable = new Resumable(
      clock,
      { ...plan, onHeld: note('held'), onResumed: note('resumed'), ...more },
      relay,
      {
        onReturning: note('returning'),
        onReturned: note('returned'),
        onGivenUp: note('given up'),
        onBreach: (name, why) => told.push(`${name}: ${why}`),
      },
    );
    client.send(this.resumable.greeting(false));
    relay.start();
  }

  clientAcks(received: unknown, leg = this.client): void {
    leg.peerSends(toControlFrame({ type: 'ack', received: received as number }));
  }

  /** The client's connection is lost, and the session is held. */
  lose(leg = this.client): void {
    leg.peerEnds({ code: ABNORMAL_CLOSURE, reason: '' });
    expect(this.resumable.hold()).toBe(true);
  }

  /** The client comes back on a new leg with this count. */
  comeBack(received: number): MemoryLeg {
    const leg = new MemoryLeg();
    expect(this.resumable.canReturn(received)).toBe(true);
    this.resumable.comeBack(leg, received);
    return leg;
  }
}

export const isControl = (payload: Buffer | string): boolean => payload.toString().startsWith('\u0001');

export const dataTo = (leg: MemoryLeg): string[] =>
  leg.sent.filter(({ payload }) => !isControl(payload)).map(({ payload }) => payload.toString());

const controlsTo = (leg: MemoryLeg): { type: string; [field: string]: unknown }[] =>
  leg.sent
    .filter(({ payload }) => isControl(payload))
    .map(({ payload }) => readControlFrame(payload.toString()) ?? { type: 'unreadable' });

export const helloTo = (leg: MemoryLeg): HelloFrame => controlsTo(leg)[0] as unknown as HelloFrame;

export const acksTo = (leg: MemoryLeg): unknown[] =>
  controlsTo(leg)
    .filter(({ type }) => type === 'ack')
    .map(({ received }) => received);
