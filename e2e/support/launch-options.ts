/** How Chromium is started for tests: quiet, and with a microphone that speaks one command, once. */
import { fileURLToPath } from 'node:url';
import type { LaunchOptions } from '@playwright/test';

const RECORDING = fileURLToPath(new URL('../app/assets/turn-on-the-light.wav', import.meta.url));

/** What the microphone says. */
export const SPOKEN = 'turn on the light';

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
