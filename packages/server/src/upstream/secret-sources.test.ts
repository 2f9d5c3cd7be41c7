import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isSecretSource, secretFile, secretSource } from './secret-sources.ts';

const signal = new AbortController().signal;

describe('secretSource', () => {
  it.each([
    ['one key', 'a-key', ['a-key']],
    ['several', ['a', 'b'], ['a', 'b']],
  ])('loads %s', async (_, loaded, expected) => {
    const source = secretSource({ load: () => loaded });
    expect(isSecretSource(source)).toBe(true);
    expect(await source.load(signal)).toEqual(expected);
    expect(source).toMatchObject({ refreshMs: 60_000, timeoutMs: 5_000 });
  });

  it.each([[undefined], [5], [['a', undefined]], [{ key: 'a' }]])('loads no key from %j', async (loaded) => {
    const source = secretSource({ load: () => loaded as never });
    await expect(source.load(signal)).rejects.toThrow('no key');
  });

  it.each([
    [{ load: 'a-key' }, 'secretSource().load'],
    [{ load: () => 'a', refreshMs: 999 }, 'secretSource().refreshMs'],
    [{ load: () => 'a', refreshMs: Infinity }, 'secretSource().refreshMs'],
    [{ load: () => 'a', timeoutMs: 0 }, 'secretSource().timeoutMs'],
    [{ load: () => 'a', timeoutMs: '5' }, 'secretSource().timeoutMs'],
  ])('refuses %j', (options, option) => {
    expect(() => secretSource(options as never)).toThrow(expect.objectContaining({ option }));
  });
});

describe('secretFile', () => {
  it('reads one key from each line, each time anew', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'voxproxy-keys-'));
    context.onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const path = join(folder, 'key');
    const source = secretFile(path, { refreshMs: 1_000 });
    await expect(source.load(signal)).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(path, 'one-key\n');
    expect(await source.load(signal)).toEqual(['one-key']);
    await writeFile(path, '\none-key\r\n\nanother-key');
    expect((await source.load(signal)).map((key) => key.trim())).toEqual(['one-key', 'another-key']);
  });

  it.each([[''], [undefined]])('refuses %j', (path) => {
    expect(() => secretFile(path as never)).toThrow(expect.objectContaining({ option: 'secretFile()' }));
  });
});
