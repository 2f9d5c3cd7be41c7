/** Lets a minute of a page's own time go by in moments, while its sockets and requests stay real. */
import { expect } from '@playwright/test';
import type { Page } from '@playwright/test';

const STEP_MS = 1000;

/** Call it before the page loads anything: from then on its clock can be moved. */
export async function ownTime(page: Page): Promise<void> {
  await page.clock.install();
  await page.addInitScript(countOpenSockets);
}

/** Lets `ms` of the page's time pass, step by step, each once no socket of the page is open or opening. */
export async function letPass(page: Page, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += STEP_MS) {
    await page.clock.runFor(STEP_MS);
    await expect.poll(() => page.evaluate(openSockets)).toBe(0);
  }
}

/** Runs in the page before anything of its own. */
function countOpenSockets(): void {
  const counted = globalThis as { openSockets?: number };
  counted.openSockets = 0;
  const count = (more: number): number => (counted.openSockets = (counted.openSockets ?? 0) + more);
  globalThis.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      count(1);
      this.addEventListener('close', () => count(-1));
    }
  };
}

/** Runs in the page. */
const openSockets = (): number => (globalThis as { openSockets?: number }).openSockets ?? 0;
