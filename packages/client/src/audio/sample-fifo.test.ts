/** The order of samples, by comparison with a plain array. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSampleFifo } from './sample-fifo.ts';

describe('createSampleFifo', () => {
  it('gives samples in the order in which they came, whatever the chunks', () => {
    const step = fc.oneof(
      fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 5 }),
      fc.constant('take' as const),
      fc.constant('clear' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const fifo = createSampleFifo();
        let model: number[] = [];
        for (const one of steps) {
          if (Array.isArray(one)) {
            fifo.push(Float32Array.from(one));
            model.push(...one);
          } else if (one === 'clear') {
            fifo.clear();
            model = [];
          } else if (model.length) expect(fifo.take()).toBe(model.shift());
          expect(fifo.length).toBe(model.length);
        }
      }),
    );
  });
});
