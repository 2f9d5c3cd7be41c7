import { describe, expect, it } from 'vitest';
import { NonceStore } from './nonce-store.ts';

describe('a nonce store', () => {
  it('lets each be used once until it expires', () => {
    const store = new NonceStore(10);
    expect([store.use('a', 100, 0), store.use('a', 100, 99), store.use('b', 100, 99)]).toEqual([
      'new',
      'used',
      'new',
    ]);
    expect(store.use('a', 200, 100)).toBe('new');
  });

  it('takes no more than it can remember, until some expire', () => {
    const store = new NonceStore(2);
    expect(['a', 'b', 'c'].map((nonce) => store.use(nonce, 100, 0))).toEqual(['new', 'new', 'full']);
    expect(store.use('a', 100, 50)).toBe('used');
    expect(store.use('c', 200, 100)).toBe('new');
  });
});
