import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secret } from '../upstream/secret.ts';
import { pathOf, withoutKey } from './pass-answer.ts';

const KEY = 'sk-a-key/of+tests~0123456789';

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function passed(bytes: Buffer, sizes: readonly number[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of withoutKey(new Secret(KEY), inPieces(bytes, sizes))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 });

describe('an answer without the key', () => {
  it('has the bytes it came with, whatever they are and however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), sizes, async (bytes, cuts) => {
        const sent = Buffer.from(bytes);
        expect((await passed(sent, cuts)).equals(sent)).toBe(true);
      }),
    );
  });

  it('never holds the key, also where it is cut in two and among bytes that are no text', async () => {
    const noise = fc.uint8Array({ maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(noise, noise, sizes, async (before, after, cuts) => {
        const sent = Buffer.concat([before, Buffer.from(KEY), after]);
        const [left, ...more] = (await passed(sent, cuts)).toString('latin1').split('[redacted]');
        expect(left).toBe(Buffer.from(before).toString('latin1'));
        expect(more).toEqual([Buffer.from(after).toString('latin1')]);
      }),
    );
  });
});

describe('where something was made', () => {
  it.each([
    ['/v1/realtime/calls/rtc_1', '/v1/realtime/calls/rtc_1'],
    ['https://api.provider.test/v1/calls/rtc-2?key=1', '/v1/calls/rtc-2'],
    ['//elsewhere.test/v1/a', '/v1/a'],
    ['javascript:alert(1)', undefined],
    ['/v1/%2e%2e/keys', '/keys'],
    ['/v1/%2fkeys', undefined],
    ['http://', undefined],
    ['/v1/a b', undefined],
  ])('%s is told as %s', (location, path) => {
    expect(pathOf(location)).toBe(path);
  });
});
