import { describe, expect, it } from 'vitest';
import { find, parsePath, valueAt, write, type Path } from './path.ts';

function pathOf(text: string): Path {
  const path = parsePath(text);
  if (!path) throw new Error(`${text} is no path`);
  return path;
}

function valuesAt(message: unknown, text: string): unknown[] {
  const values: unknown[] = [];
  find(message, pathOf(text), (holder, key) => {
    values.push(valueAt(holder, key));
    return false;
  });
  return values;
}

describe('parsePath', () => {
  it.each(['a', 'a.b', 'a[*].b', 'a[*][*]', 'a.*.b', '*', 'xi-api-key', ''])('reads %j', (text) => {
    expect(parsePath(text)?.text).toBe(text);
  });

  it.each(['a..b', '.a', 'a.', 'a[0]', 'a[', 'a[*]b', '__proto__.a', 'a.__proto__', '[*', 'a*'])(
    'refuses %j',
    (text) => {
      expect(parsePath(text)).toBeUndefined();
    },
  );

  it('knows which have wildcards', () => {
    expect(['a.b', 'a[*]', 'a.*'].map((text) => pathOf(text).hasWildcard)).toEqual([false, true, true]);
  });
});

describe('find', () => {
  it.each<[path: string, message: unknown, values: unknown[]]>([
    ['a.b', { a: { b: 1 } }, [1]],
    ['a.b', { A: { b: 1 } }, []],
    ['a.b', { a: 'b' }, []],
    ['a[*].b', { a: [{ b: 1 }, { c: 2 }, { b: 3 }] }, [1, 3]],
    ['a[*]', { a: [1, 2] }, [1, 2]],
    ['a.*.b', { a: { x: { b: 1 }, y: { b: 2 } } }, [1, 2]],
    ['toString', {}, []],
    ['constructor.name', { constructor: { name: 1 } }, [1]],
  ])('finds %s in %j', (path, message, values) => {
    expect(valuesAt(message, path)).toEqual(values);
  });

  it('finds a name in every element of a list that stands on its way', () => {
    expect(valuesAt({ a: [{ b: 1 }, [{ b: 2 }]] }, 'a.b')).toEqual([1, 2]);
  });

  it('takes one thing for a list of one', () => {
    expect(valuesAt({ a: { b: 1 } }, 'a[*].b')).toEqual([1]);
    expect(valuesAt({ a: 'b' }, 'a[*]')).toEqual(['b']);
  });
});

describe('write', () => {
  it.each<[title: string, message: Record<string, unknown>, after: unknown]>([
    ['makes the way', {}, { a: { b: 'ours' } }],
    ['keeps what stands beside it', { a: { c: 1 }, d: 2 }, { a: { c: 1, b: 'ours' }, d: 2 }],
    ['replaces a text on the way', { a: 'stored-settings' }, { a: { b: 'ours' } }],
    ['replaces null on the way', { a: null }, { a: { b: 'ours' } }],
    ['writes into each element of a list', { a: [{ b: 1 }, {}] }, { a: [{ b: 'ours' }, { b: 'ours' }] }],
    ['replaces an empty list', { a: [] }, { a: { b: 'ours' } }],
    ['replaces a list with a text in it', { a: [{ b: 1 }, 'stored'] }, { a: { b: 'ours' } }],
    ['replaces a list of lists', { a: [[{ b: 1 }]] }, { a: { b: 'ours' } }],
  ])('%s', (_, message, after) => {
    write(message, pathOf('a.b'), () => 'ours');
    expect(message).toEqual(after);
  });

  it('never follows what every object inherits', () => {
    const message: Record<string, unknown> = {};
    write(message, pathOf('constructor.prototype.b'), () => 'ours');
    expect(Object.hasOwn(message, 'constructor')).toBe(true);
    expect(Object.hasOwn(Object.prototype, 'b')).toBe(false);
  });
});
