import { expect, it } from 'vitest';
import { liveHeapBytes } from '../../test/support/live-memory.ts';
import { readText } from './reply-text.ts';

it('reads an answer whole, and costs no more than its bytes when they come one by one', async () => {
  let grown = 0;
  async function* body(): AsyncGenerator<Buffer> {
    const before = liveHeapBytes();
    for (let at = 0; at < 200_000; at += 1) yield Buffer.alloc(1, 'x');
    grown = liveHeapBytes() - before;
    yield Buffer.from('ö');
  }
  expect(await readText({ body: body() })).toBe(`${'x'.repeat(200_000)}ö`);
  expect(grown).toBeLessThan(2_000_000);
});
