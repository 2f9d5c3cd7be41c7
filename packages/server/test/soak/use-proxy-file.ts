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

/** Whom scenarios of session mode are run against: a model first, so that it is seen which of the two is at fault. */
export const serversOf = (proxyFile: string): [title: string, proxyFile: string][] => [
  ['a model of the proxy', 'fake'],
  ['the proxy', proxyFile],
];
