/** Asserts that the audio which entered the playback of the page is, byte for byte and in order, what the upstream sent. */
import { expect } from '@playwright/test';
import type { DemoPage } from './demo-page.ts';
import type { Stack } from './stack.ts';
import type { Witness } from './witness.ts';

/** Half a second of speech at 24 kHz; a shorter answer is none. */
const LEAST_BYTES = 24_000;

/** The page has had one session, in which one answer ended. */
export async function expectHeardAsSent(demo: DemoPage, stack: Stack, witness: Witness): Promise<void> {
  await expect.poll(() => witness.countMessages('AgentAudioDone'), 'the answer has ended').toBe(1);
  const sent = stack.upstreams.sent();
  expect(sent).toHaveLength(1);
  expect(sent[0]?.bytes).toBeGreaterThan(LEAST_BYTES);
  await expect.poll(() => demo.heard(), 'what was heard is what was sent').toEqual(sent[0]);
}
