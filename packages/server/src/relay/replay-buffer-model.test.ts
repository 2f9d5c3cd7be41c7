import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { split } from '../../test/support/frame-bytes.ts';
import type { DataKind } from '../leg/leg.ts';
import { ReplayBuffer, ReplayPool } from './replay-buffer.ts';

interface Sent {
  readonly text: string;
  readonly kind: DataKind;
}

/** What a replay buffer must do, told as a list of whole messages and the beginning of one more. */
class Model {
  readonly messages: Sent[] = [];
  open = '';
  acknowledged = 0;
  lost = 0;

  giveUp(): void {
    this.lost = this.messages.length + (this.open === '' ? 0 : 1);
  }

  /** What is to be sent again; bytes of frames that follow each other are one. */
  replay(count: number): Sent[] {
    const parts: Sent[] = [...this.messages.slice(count), { text: this.open, kind: 'wire' }];
    return joined(parts.filter(({ text, kind }) => kind !== 'wire' || text !== ''));
  }

  /** Bytes that must be held: messages neither acknowledged nor given up. */
  get owedBytes(): number {
    const kept = this.messages.slice(Math.max(this.acknowledged, this.lost));
    const isOpenLost = this.lost > this.messages.length;
    const bytes = kept.reduce((sum, { text, kind }) => sum + text.length + (kind === 'wire' ? 0 : 1), 0);
    return bytes + (isOpenLost ? 0 : this.open.length);
  }
}

function joined(parts: readonly Sent[]): Sent[] {
  const whole: Sent[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (part.kind === 'wire' && last?.kind === 'wire')
      whole[whole.length - 1] = { kind: 'wire', text: last.text + part.text };
    else whole.push(part);
  }
  return whole;
}

class Pair {
  readonly model = new Model();
  readonly pool = new ReplayPool(1_000);
  readonly buffer = new ReplayBuffer(500, this.pool);
  #named = 0;

  /** Takes messages of these lengths and the beginning of one more, in chunks that are cut at any places. */
  take(lengths: readonly number[], beginning: number, cuts: readonly number[]): void {
    const wholes = lengths.map((length) => `${this.#name(length)}.`);
    const stream = wholes.join('') + this.#name(beginning);
    for (const chunk of split(Buffer.from(stream), cuts)) {
      for (const [at, byte] of chunk.entries()) if (byte === 0x2e) this.buffer.endMessage(at + 1);
      this.buffer.take(chunk);
    }
    const parts = (this.model.open + stream).split('.');
    this.model.open = parts.pop() as string;
    this.model.messages.push(...parts.map((text): Sent => ({ text: `${text}.`, kind: 'wire' })));
  }

  /** One whole message; it can stand only between messages. */
  takeMessage(length: number, kind: DataKind): void {
    if (this.model.open !== '') this.take([0], 0, []);
    const text = this.#name(length);
    this.buffer.takeMessage(Buffer.from(text), kind);
    this.model.messages.push({ text, kind });
  }

  acknowledge(count: number): void {
    const { acknowledged, messages } = this.model;
    const isLegal = count >= acknowledged && count <= messages.length;
    expect(this.buffer.acknowledge(count)).toBe(isLegal);
    if (isLegal) this.model.acknowledged = count;
  }

  giveUp(): void {
    this.buffer.giveUp();
    this.model.giveUp();
    expect([this.buffer.heldBytes, this.pool.bytes]).toEqual([0, 0]);
  }

  compare(): void {
    const { model, buffer, pool } = this;
    const { messages, acknowledged, lost } = model;
    expect([buffer.sent, buffer.acknowledged]).toEqual([messages.length, acknowledged]);
    expect(pool.bytes).toBe(buffer.heldBytes);
    expect(buffer.heldBytes).toBe(model.owedBytes);
    for (let count = Math.max(0, acknowledged - 2); count <= messages.length + 1; count += 1) {
      const isHeld = count >= Math.max(acknowledged, lost) && count <= messages.length;
      expect([count, buffer.canReplay(count)]).toEqual([count, isHeld]);
      if (isHeld) expect(this.#replay(count)).toEqual(model.replay(count));
    }
  }

  #replay(count: number): Sent[] {
    const parts: Sent[] = [];
    this.buffer.replay(count, (bytes, kind) => parts.push({ text: bytes.toString(), kind }));
    return joined(parts);
  }

  /** Letters that tell one message from another. */
  #name(length: number): string {
    this.#named += 1;
    return String.fromCharCode(0x61 + (this.#named % 26)).repeat(length);
  }
}

type Step = (pair: Pair) => void;

const anyLength = fc.integer({ min: 0, max: 9 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(fc.array(anyLength, { maxLength: 4 }), anyLength, fc.array(fc.nat(), { maxLength: 6 }))
      .map(
        ([lengths, beginning, cuts]): Step =>
          (pair) =>
            pair.take(lengths, beginning, cuts),
      ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(anyLength, fc.constantFrom<DataKind>('text', 'binary')).map(
      ([length, kind]): Step =>
        (pair) =>
          pair.takeMessage(length, kind),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.integer({ min: -1, max: 4 }).map(
      (more): Step =>
        (pair) =>
          pair.acknowledge(pair.model.acknowledged + more),
    ),
  },
  { weight: 1, arbitrary: fc.constant<Step>((pair) => pair.giveUp()) },
);

describe('ReplayBuffer against a list of messages', () => {
  it('sends the same again, knows the same and returns all to the pool, whatever is done in whatever chunks', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 25 }), (steps) => {
        const pair = new Pair();
        for (const step of steps) {
          step(pair);
          pair.compare();
        }
        if (pair.model.open !== '') pair.take([0], 0, []);
        pair.acknowledge(pair.model.messages.length);
        expect([pair.pool.bytes, pair.buffer.heldBytes]).toEqual([0, 0]);
      }),
      { numRuns: 200 },
    );
  });

  it('remembers the ends of messages over hundreds of acknowledgements', () => {
    const pair = new Pair();
    for (let round = 0; round < 400; round += 1) {
      // The second chunk has the end of one message and all of the next.
      pair.take([2, 0], 0, [1]);
      pair.acknowledge(pair.model.messages.length - 1 - (round % 7));
      pair.compare();
    }
    pair.acknowledge(800);
    expect(pair.pool.bytes).toBe(0);
  });
});
