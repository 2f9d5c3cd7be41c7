/** The error of everything that concerns microphone, speaker and worklets, with a stable code. */

/** What to do about each code. */
const MESSAGES = {
  'permission-denied': 'The microphone is blocked for this page; allow it in the browser or system settings.',
  'permission-dismissed': 'The microphone prompt was closed without an answer; ask again.',
  'insecure-context': 'Browsers give audio only to https:// pages and localhost; serve the page from there.',
  'no-device': 'No such microphone; connect one, or drop deviceId.',
  'device-busy': 'The microphone is in use or failed to start; close other programs that use it.',
  'device-lost': 'The microphone was unplugged or its permission withdrawn; choose one and start again.',
  unsupported: 'This browser lacks AudioWorklet or getUserMedia; update it.',
  'worklet-blocked': 'The audio worklet could not be loaded.',
  'autoplay-blocked': 'The browser holds audio back until a user gesture; call again from a click.',
} as const;

const FATAL = ['permission-denied', 'insecure-context', 'unsupported', 'worklet-blocked'];

export type MediaErrorCode = keyof typeof MESSAGES;

export class MediaError extends Error {
  override readonly name = 'MediaError';
  readonly code: MediaErrorCode;
  /** Whether trying again may help without a change to the page or its settings. */
  readonly retryable: boolean;

  constructor(code: MediaErrorCode, cause?: unknown, hint = '') {
    super(`${MESSAGES[code]} ${hint}`.trim(), { cause });
    this.code = code;
    this.retryable = !FATAL.includes(code);
  }
}
