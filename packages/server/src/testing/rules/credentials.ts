/** Knows which credentials are right for a mock, issues short-lived ones, and finds those that belong to somebody else. */
import { randomBytes } from 'node:crypto';
import type { CredentialSlot } from './credential-slots.ts';

export interface CredentialOptions {
  readonly secret: string;
  /** A user's own token that the vendor takes as well, such as one of Entra. */
  readonly bearer?: string | undefined;
  /** Tokens of users that must never arrive. */
  readonly userTokens?: readonly string[] | undefined;
}

/** What a JSON Web Token looks like. Its dots tell it from audio in base64. */
const TOKEN_FORM = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g;
/** Of each text this much is searched. */
const SEARCHED_CHARACTERS = 1024 * 1024;

export class Credentials {
  readonly #options: CredentialOptions;
  readonly #issued = new Set<string>();

  constructor(options: CredentialOptions) {
    this.#options = options;
  }

  get secret(): string {
    return this.#options.secret;
  }

  /** Makes a credential that slots for issued ones take until the mock is closed. */
  issue(prefix: string): string {
    const issued = `${prefix}${randomBytes(18).toString('hex')}`;
    this.#issued.add(issued);
    return issued;
  }

  isIssued(value: string): boolean {
    return this.#issued.has(value);
  }

  isRight(slot: CredentialSlot, value: string | undefined): boolean {
    if (slot.takes.length === 0) return value === undefined;
    return value !== undefined && slot.takes.some((kind) => this.#accepted(kind, value));
  }

  /** What in a text is a credential of somebody else, in words; undefined for none. Repeats no value. */
  foreignIn(text: string): string | undefined {
    const searched = text.slice(0, SEARCHED_CHARACTERS);
    const { bearer, userTokens = [] } = this.#options;
    if (userTokens.some((token) => formsOf(token).some((form) => searched.includes(form))))
      return 'the token of a user';
    const own = [this.secret, ...(bearer === undefined ? [] : [bearer]), ...this.#issued];
    const tokens = searched.match(TOKEN_FORM) ?? [];
    return tokens.some((token) => !own.includes(token)) ? 'a JSON Web Token' : undefined;
  }

  #accepted(kind: CredentialSlot['takes'][number], value: string): boolean {
    if (kind === 'issued') return this.isIssued(value);
    return value === (kind === 'secret' ? this.secret : this.#options.bearer);
  }
}

/** A text as it stands, percent-encoded, and in base64. */
function formsOf(text: string): string[] {
  return [text, encodeURIComponent(text), Buffer.from(text, 'utf8').toString('base64').replace(/=+$/, '')];
}
