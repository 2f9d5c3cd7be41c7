/** What went wrong, and what to do about it, in words for people. Pure. */

export interface ErrorWords {
  title: string;
  todo: string;
}

const words = (title: string, todo: string): ErrorWords => ({ title, todo });

const MICROPHONE = 'Or play a recording, or type.';
const RETRY = 'Press the button to try again.';

const BY_CODE: Readonly<Record<string, ErrorWords>> = {
  auth_required: words('The server wants a token', 'Sign in, then try again.'),
  auth_invalid: words(
    'The server refused the token',
    'It is not valid here. Press Talk to call with a good one.',
  ),
  auth_expired: words('The token has expired', 'A new one is needed. Press the button to get it.'),
  auth_unavailable: words('The server cannot check tokens right now', RETRY),
  token_unavailable: words('No token could be had', 'Check that the demo server still runs, then try again.'),
  origin_denied: words('This page may not connect', 'Open the demo by the address that npm start printed.'),
  upstream_auth: words(
    'The provider refused the server’s key',
    'Your token is fine. Whoever runs this server has to check its key.',
  ),
  upstream_unavailable: words(
    'The voice provider cannot be reached',
    `Nothing is wrong on your side. ${RETRY}`,
  ),
  upstream_timeout: words('The voice provider did not answer in time', RETRY),
  rate_limited: words('Too many requests', 'Wait a moment, then try again.'),
  too_many_sessions: words('Too many calls at once', 'Wait until another one has ended, then try again.'),
  not_opened: words('The server cannot be reached', 'Check that npm start still runs, then try again.'),
  connect_timeout: words('The server did not answer in time', RETRY),
  gave_up: words('The connection did not come back', RETRY),
  audio_not_loaded: words('The sound part of the page did not load', 'Reload the page.'),
  'permission-denied': words(
    'The microphone is blocked',
    `Allow it beside the address bar, then press the button again. ${MICROPHONE}`,
  ),
  'permission-dismissed': words(
    'The microphone was not allowed',
    `Press the button again and allow it. ${MICROPHONE}`,
  ),
  'insecure-context': words(
    'The browser allows no microphone here',
    'Open the page from localhost, or by https.',
  ),
  'no-device': words('No microphone was found', `Connect one and press the button again. ${MICROPHONE}`),
  'device-busy': words(
    'Another program uses the microphone',
    `Close it and press the button again. ${MICROPHONE}`,
  ),
  'device-lost': words('The microphone is gone', `Connect it again and press the button. ${MICROPHONE}`),
  unsupported: words('This browser cannot record sound', 'Use a current browser, or type.'),
  'worklet-blocked': words('The sound part of the page was blocked', 'Reload the page.'),
  'autoplay-blocked': words(
    'The browser keeps the page silent',
    'Press the button once more to hear the agent.',
  ),
};

/** An error without words of its own speaks for itself. */
export function errorWords(error: { code: string; message: string }): ErrorWords {
  return BY_CODE[error.code] ?? words('The call has a problem', error.message);
}

const LOST: Readonly<Record<string, string>> = {
  auth_expired: 'The token expired. Getting a new one…',
  auth_invalid: 'The token was refused. Getting another one…',
  upstream_unavailable: 'No connection to the voice provider. Trying again…',
  upstream_auth: 'The provider refused the server’s key. Trying again…',
};

/** Why the page is connecting again, as a line in the conversation. */
export function reconnectWords(cause: { code: string }): string {
  return LOST[cause.code] ?? 'The connection was lost. Connecting again…';
}
