/** Replaces fixed texts in a text that comes in pieces, also where one of them is cut in two. */

export class TextFilter {
  readonly #hidden: readonly string[];
  readonly #instead: string;
  readonly #longest: number;
  #held = '';

  /** The hidden texts are not empty. */
  constructor(hidden: readonly string[], instead: string) {
    this.#hidden = hidden;
    this.#instead = instead;
    this.#longest = Math.max(...hidden.map((text) => text.length));
  }

  /** What may go on of what came so far; keeps back only what may be the beginning of a hidden text. */
  push(text: string): string {
    const whole = this.#hidden.reduce((rest, one) => rest.replaceAll(one, this.#instead), this.#held + text);
    const at = whole.length - this.#openLength(whole);
    this.#held = whole.slice(at);
    return whole.slice(0, at);
  }

  /** What was kept back, once nothing more comes. */
  end(): string {
    const rest = this.#held;
    this.#held = '';
    return rest;
  }

  #openLength(text: string): number {
    for (let length = Math.min(text.length, this.#longest - 1); length > 0; length -= 1) {
      const ending = text.slice(text.length - length);
      if (this.#hidden.some((one) => one.startsWith(ending))) return length;
    }
    return 0;
  }
}
