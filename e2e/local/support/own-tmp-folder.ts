/** A temporary folder of the running test's own, so that what it finds there was left by nobody else. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';

/** Makes the folder the process's temporary folder until the test is finished. Returns what lists its entries. */
export function useOwnTmpFolder(): () => string[] {
  const folder = mkdtempSync(join(tmpdir(), 'local-test-'));
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => readdirSync(folder);
}
