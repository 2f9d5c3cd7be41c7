/** What is missing on a machine, told from facts handed in. */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ensureInstalled, findChromium, isInstalled, isNodeRecent } from './prepare.mjs';

test.each([
  ['18.20.1', false],
  ['20.18.0', false],
  ['20.19.0', true],
  ['22.0.0', true],
])('takes Node %s: %s', (version, isRecent) => {
  expect(isNodeRecent(version)).toBe(isRecent);
});

describe('dependencies', () => {
  const entry = { version: '1.0.0', integrity: 'sha512-a' };
  const lock = {
    packages: { '': {}, 'node_modules/a': entry, 'node_modules/mac': { ...entry, optional: true } },
  };

  test('are installed when npm installed what the lock file asks for', () => {
    expect(isInstalled(lock, { packages: { 'node_modules/a': entry } })).toBe(true);
  });

  test('are not when one is missing or another', () => {
    expect(isInstalled(lock, undefined)).toBe(false);
    expect(isInstalled(lock, { packages: {} })).toBe(false);
    expect(isInstalled(lock, { packages: { 'node_modules/a': { ...entry, version: '1.0.1' } } })).toBe(false);
    expect(isInstalled(lock, { packages: { 'node_modules/a': { ...entry, integrity: 'sha512-b' } } })).toBe(
      false,
    );
  });

  const npm = (becomesDone: boolean) => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    onTestFinished(() => log.mockRestore());
    let done = false;
    const install = vi.fn(() => {
      done = becomesDone;
      return Promise.resolve({ ok: true, output: '' });
    });
    return { isDone: () => done, install };
  };

  test('are installed with those for development, and once', async () => {
    const machine = npm(true);
    await ensureInstalled(machine);
    await ensureInstalled(machine);
    expect(machine.install.mock.calls).toEqual([[expect.arrayContaining(['install', '--include=dev'])]]);
  });

  test('are told to be missing when npm leaves them out without failing', async () => {
    await expect(ensureInstalled(npm(false))).rejects.toThrow('left out packages of package-lock.json');
  });
});

describe('Chromium', () => {
  const machine = (...files: string[]) => ({
    env: { PATH: '/opt/bin' },
    exists: (path: string) => files.includes(path),
    own: () => Promise.resolve('/cache/chrome'),
  });

  test('is taken from CHROMIUM_PATH, then the machine, then the path, then Playwright', async () => {
    const all = ['/my/chrome', '/usr/bin/chromium', '/opt/bin/google-chrome', '/cache/chrome'];
    const env = { PATH: '/opt/bin', CHROMIUM_PATH: '/my/chrome' };
    expect(await findChromium({ ...machine(...all), env })).toBe('/my/chrome');
    expect(await findChromium(machine(...all))).toBe('/usr/bin/chromium');
    expect(await findChromium(machine(...all.slice(2)))).toBe('/opt/bin/google-chrome');
    expect(await findChromium(machine(...all.slice(3)))).toBe('/cache/chrome');
    expect(await findChromium(machine())).toBeUndefined();
  });

  test('is refused when CHROMIUM_PATH names no file', async () => {
    const env = { CHROMIUM_PATH: '/gone' };
    await expect(findChromium({ ...machine('/usr/bin/chromium'), env })).rejects.toThrow(
      'CHROMIUM_PATH is /gone',
    );
  });
});
