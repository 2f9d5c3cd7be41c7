/** What every page of this folder has in common: its settings, and a list in which it writes what happens. Knows no SDK. */

/** Given to the page by the application that serves it. */
export interface PageSettings {
  /** Of the proxy, without a slash at the end, such as http://127.0.0.1:8080. */
  proxy: string;
  /** The user's own token, which stands where the provider's key would. */
  token: string;
}

export const settings: PageSettings = JSON.parse(
  document.querySelector('#settings')?.textContent ?? '',
) as PageSettings;

/** Adds a line to the page: what happened, and what was said. */
export function say(what: string, said?: string): void {
  const line = document.createElement('li');
  line.textContent = said === undefined ? what : `${what}: ${said}`;
  document.querySelector('#lines')?.append(line);
}

/** As an application would write an error on its page. */
export const sayError = (error: unknown): void =>
  say('error', error instanceof Error ? error.message : JSON.stringify(error));

/** The proxy's address for sockets. */
export const socketBase = settings.proxy.replace(/^http/, 'ws');

/** Silence, linear PCM of 16 bits: what a microphone gives in 20 ms at 24 kHz. */
export const silence = (): ArrayBuffer => new ArrayBuffer(960);

/** The same as a text. */
export const silenceAsBase64 = (): string => btoa('\u0000'.repeat(960));
