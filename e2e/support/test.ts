/** The `test` of all specs: with a stack of its own, and with a witness that lets no test pass in which a secret was seen. */
import { test as base, expect } from '@playwright/test';
import { startStack } from './stack.ts';
import type { Stack, StackOptions } from './stack.ts';
import { Witness } from './witness.ts';

export { expect };

interface Fixtures {
  /** Set by `test.use()`. */
  stackOptions: StackOptions;
  /** Started when a test asks for it. */
  stack: Stack;
  witness: Witness;
}

export const test = base.extend<Fixtures>({
  stackOptions: [{}, { option: true }],
  witness: [
    async ({ context }, use) => {
      const witness = new Witness(context);
      await use(witness);
      expect(witness.findings(), 'no secret was seen').toEqual([]);
      expect(witness.problems, 'nothing went wrong in the page').toEqual([]);
    },
    { auto: true },
  ],
  page: async ({ page, witness }, use) => {
    await witness.watchSockets(page);
    await use(page);
    await witness.lookAtPages();
  },
  stack: async ({ stackOptions, witness, page }, use) => {
    const stack = await startStack(stackOptions);
    witness.guard(stack.secrets, () => stack.log.lines);
    await use(stack);
    await witness.lookAtPages();
    await page.close();
    await expect.poll(() => stack.upstreams.sessions(), 'upstream sessions end with their pages').toBe(0);
    await stack.close();
  },
});
