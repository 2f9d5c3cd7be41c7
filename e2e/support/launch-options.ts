/** How Chromium is started for tests: quiet, and with a microphone that speaks one command, once. */
import { fileURLToPath } from 'node:url';
import type { LaunchOptions } from '@playwright/test';

/** A human voice; see the README beside it. */
const RECORDING = fileURLToPath(new URL('../app/assets/go-forward-ten-meters.wav', import.meta.url));

/** What the microphone says, and what the local agent answers. */
export const SPOKEN = 'go forward ten meters';
export const ANSWER = 'I go forward ten meters.';

/** `microphone` says what becomes of the page's wish for it. */
export function launchOptions(microphone: 'allowed' | 'denied' = 'allowed'): LaunchOptions {
  const executablePath = process.env['CHROMIUM_PATH'];
  return {
    ...(executablePath ? { executablePath } : {}),
    args: [
      // Chromium's sandbox refuses to run as root.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      '--use-fake-device-for-media-stream',
      `--use-fake-ui-for-media-stream${microphone === 'denied' ? '=deny' : ''}`,
      `--use-file-for-fake-audio-capture=${RECORDING}%noloop`,
      ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  };
}
