/** Builds the measured process before the tests of a file and removes it after them. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { buildProxyProcess } from './proxy-fork.ts';

const CACHE = fileURLToPath(new URL('../../../../node_modules/.cache/voxproxy-soak', import.meta.url));

/** Returns the file, which is there once tests run. */
export function useProxyFile(): string {
  const file = join(CACHE, `${process.pid}-${Date.now()}.mjs`);
  beforeAll(() => buildProxyProcess(file));
  afterAll(() => rm(file, { force: true }));
  return file;
}
