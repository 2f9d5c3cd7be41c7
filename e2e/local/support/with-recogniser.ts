/** Groups of tests that need PocketSphinx: skipped where it is missing, but with CI=true run there all the same, and so fail. */
import { describe } from 'vitest';
import { findRecogniser } from '../recognise.ts';

const isInstalled = (await findRecogniser()) !== undefined;

export function describeWithRecogniser(title: string, tests: () => void): void {
  const isSkipped = !isInstalled && process.env['CI'] !== 'true';
  describe.skipIf(isSkipped)(`${title} (needs Debian's pocketsphinx and pocketsphinx-en-us)`, tests);
}
