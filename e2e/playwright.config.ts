/** The browser tests: Chromium with a microphone that plays a recording, against the packages as built. */
import { defineConfig } from '@playwright/test';
import { launchOptions } from './support/launch-options.ts';

export default defineConfig({
  testDir: 'specs',
  outputDir: 'test-results',
  fullyParallel: true,
  workers: 2,
  retries: 0,
  forbidOnly: process.env['CI'] === 'true',
  timeout: 60_000,
  expect: { timeout: 20_000 },
  reporter: 'list',
  use: {
    viewport: { width: 1280, height: 800 },
    launchOptions: launchOptions(),
  },
});
