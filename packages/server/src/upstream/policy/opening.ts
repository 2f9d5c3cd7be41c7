/**
 * Whether a session has opened with the message that carries what is locked. The provider's answer decides: an opening message that it
 * refuses locks nothing. What follows one waits for that answer.
 */

/** Types of the provider's messages. */
export interface OpeningAnswers {
  /** It has taken the opening message. */
  readonly taken: readonly string[];
  /** It has refused it, so that the next message has to open the session again. */
  readonly refused: readonly string[];
}

export interface OpeningRule {
  /** Types with which a session opens. */
  readonly types: readonly string[];
  /** Without them an opening message counts as taken when it is sent. */
  readonly answers: OpeningAnswers | undefined;
}

export class Opening {
  readonly #rule: OpeningRule | undefined;
  #isOpen: boolean;
  #wasSent = false;
  #isOwed = false;
  readonly #waiting: (() => void)[] = [];

  /** Open from the start without a rule. */
  constructor(rule: OpeningRule | undefined) {
    this.#rule = rule;
    this.#isOpen = rule === undefined;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether messages of the provider may tell what became of an opening message. */
  get isListening(): boolean {
    return this.#wasSent && !this.#isOpen;
  }

  /** Whether the provider owes the answer to an opening message. */
  get isOwed(): boolean {
    return this.#isOwed;
  }

  /** Resolves when the provider owes no answer any more. */
  answered(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isOwed) this.#waiting.push(resolve);
      else resolve();
    });
  }

  mayCome(type: string | undefined): boolean {
    return this.#isOpen || (type !== undefined && this.#rule?.types.includes(type) === true);
  }

  /** What a client has to begin with, for its error. */
  get expected(): string {
    return (this.#rule?.types ?? []).join(' or ');
  }

  /** A message that may come goes to the provider. */
  sent(): void {
    if (this.#isOpen) return;
    this.#wasSent = true;
    if (this.#rule?.answers) this.#isOwed = true;
    else this.#isOpen = true;
  }

  /** The provider has sent a message of this type. */
  heard(type: string | undefined): void {
    if (!this.isListening || type === undefined) return;
    const { taken = [], refused = [] } = this.#rule?.answers ?? {};
    if (taken.includes(type)) this.#isOpen = true;
    else if (!refused.includes(type)) return;
    this.giveUp();
  }

  /** Nobody waits for the answer any more; one that comes late still opens. */
  giveUp(): void {
    this.#isOwed = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
