/** The `test` of the specs in which an SDK of a provider runs: a stack of its own, and a witness that knows its secrets. */
import type { Page } from '@playwright/test';
import { startSdkStack } from './sdk-stack.ts';
import type { SdkStack } from './sdk-stack.ts';
import { expect, test as base } from './test.ts';

export { expect };

interface SdkFixtures {
  /** Life of the user's token in milliseconds, set by `test.use()`. Default an hour. */
  tokenLifeMs: number;
  sdk: SdkStack;
}

export const test = base.extend<SdkFixtures>({
  tokenLifeMs: [3_600_000, { option: true }],
  sdk: async ({ tokenLifeMs, witness, page }, use) => {
    const sdk = await startSdkStack(tokenLifeMs);
    witness.guard(sdk.secrets, () => sdk.log.lines);
    await use(sdk);
    await witness.lookAtPages();
    await page.close();
    await sdk.close();
  },
});

/** What the page has written so far. */
export const lines = (page: Page): Promise<string[]> => page.locator('#lines li').allTextContents();
