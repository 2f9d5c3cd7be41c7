/** Groups of tests that need PocketSphinx: skipped where it is missing, but with CI=true run there all the same, and so fail. */
import { describe } from 'vitest';
import { findRecogniser } from '../recognise.ts';

const isInstalled = (await findRecogniser()) !== undefined;

export function describeWithRecogniser(title: string, tests: () => void): void {
  const isSkipped = !isInstalled && process.env['CI'] !== 'true';
  // reason: the recogniser is a Debian package, which not every developer's machine can have; CI does, and never skips.
  describe.skipIf(isSkipped)(`${title} (needs Debian's pocketsphinx and pocketsphinx-en-us)`, tests);
}
