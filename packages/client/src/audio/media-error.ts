/** The error of everything that concerns microphone, speaker and worklets, with a stable code. */

/** What to do about each. */
const REMEDIES = {
  'permission-denied': 'Allow the microphone in the settings of the browser or system.',
  'permission-dismissed': 'The microphone prompt was dismissed; ask again.',
  'insecure-context': 'Serve the page by https or from localhost.',
  'no-device': 'No such microphone; connect one or drop deviceId.',
  'device-busy': 'Close other programs that use the microphone.',
  'device-lost': 'The microphone is gone; start again with another.',
  unsupported: 'This browser lacks AudioWorklet or getUserMedia.',
  'worklet-blocked':
    'Serve @voxproxy/client/audio-worklet.js where script-src allows it, and set workletUrl to its URL.',
  'autoplay-blocked': 'Call again from a click.',
} as const;

const LASTING = ['permission-denied', 'insecure-context', 'unsupported', 'worklet-blocked'];

export type MediaErrorCode = keyof typeof REMEDIES;

export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly code: MediaErrorCode;
  /** Whether trying again may help without a change to the page or its settings. */
  readonly retryable: boolean;

  constructor(code: MediaErrorCode, cause?: unknown) {
    super(`${code}: ${REMEDIES[code]}`, { cause });
    this.code = code;
    this.retryable = !LASTING.includes(code);
  }
}
