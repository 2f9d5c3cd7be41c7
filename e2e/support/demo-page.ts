/** The demo page as a visitor has it: by roles and words, never by the insides of its parts. */
import type { Locator, Page } from '@playwright/test';

export class DemoPage {
  readonly talk: Locator;
  readonly hangUp: Locator;
  readonly connection: Locator;
  readonly agent: Locator;
  readonly alert: Locator;
  /** All lines of the conversation, in order. */
  readonly lines: Locator;
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
    this.talk = page.getByRole('button', { name: 'Talk', exact: true });
    this.hangUp = page.getByRole('button', { name: 'Hang up' });
    this.connection = page.getByRole('status', { name: 'Connection' });
    this.agent = page.getByRole('status', { name: 'Agent' });
    this.alert = page.getByRole('alert');
    this.lines = page.getByRole('log').locator('p');
  }

  async open(url: string): Promise<void> {
    await this.#page.goto(url);
    await this.talk.waitFor();
  }

  button(name: string): Locator {
    return this.#page.getByRole('button', { name, exact: true });
  }

  recording(text: string): Locator {
    return this.#page.getByRole('region', { name: /recording/ }).getByRole('button', { name: text });
  }

  async type(text: string): Promise<void> {
    await this.#page.getByRole('textbox', { name: 'Message to the agent' }).fill(text);
    await this.button('Send').click();
  }

  said(by: 'You' | 'Agent'): Locator {
    return this.lines.filter({ hasText: `${by}: ` }).locator('.said');
  }

  figure(name: string): Locator {
    return this.#page.locator('dt', { hasText: name }).locator('+ dd');
  }

  /** What the page says has entered the playback. */
  async heard(): Promise<{ bytes: number; fnv1a: string }> {
    const figure = this.figure('Heard');
    const [, fnv1a = ''] = /hash ([0-9a-f]{8})/.exec(await figure.innerText()) ?? [];
    return { bytes: Number(await figure.locator('data').getAttribute('value')), fnv1a };
  }
}
