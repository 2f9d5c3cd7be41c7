/** A provider's key. It prints as redacted wherever it ends up; the places that may reveal it are checked by a script. */
import { inspect } from 'node:util';
import { TextFilter } from './text-filter.ts';

const REDACTED = '[redacted]';
/** Runs of the key this long or longer count as the key: vendors have told prefixes and suffixes in close reasons. */
const TELLING_LENGTH = 8;
/** Shorter beginnings and ends are told by chance. */
const TELLING_EDGE = 5;

/** Fewer characters of base64 stand in any recording. */
const TELLING_CODE = 6;

/** What hides secrets in texts that leave the server: of one key, or of all that a route has had. */
export interface Confidential {
  /** True when a text holds a secret, part of it, or its percent-encoded or base64 form. */
  isToldBy(text: string): boolean;
  /** Replaces secrets, whole, plain or encoded, in a text that comes in pieces; those too short to tell from chance are left. */
  createFilter(): TextFilter;
  /** True when bytes hold a secret as it is, or as JSON or a URL writes it. */
  standsIn(bytes: Buffer): boolean;
  /** The text without secrets; nothing but the mark when what is left would tell part of one. */
  redactIn(text: string): string;
}

export class Secret implements Confidential {
  readonly #value: string;
  #plain: readonly Buffer[] | undefined;

  constructor(value: string) {
    this.#value = value;
  }

  /** True where there is no key. */
  get isEmpty(): boolean {
    return this.#value === '';
  }

  /** The key itself, for the one request that needs it. */
  reveal(): string {
    return this.#value;
  }

  /** True when a text holds the key, part of it, or its percent-encoded or base64 form. */
  isToldBy(text: string): boolean {
    const readings = [text, percentDecoded(text)];
    if (readings.some((reading) => hasCommonEdge(reading, this.#value))) return true;
    return this.#forms().some((form) => readings.some((reading) => hasCommonRun(reading, form)));
  }

  /** Replaces the key, whole, plain or encoded, in a text that comes in pieces. */
  createFilter(): TextFilter {
    return Secret.filterOf([this]);
  }

  /** Replaces each of several keys. */
  static filterOf(secrets: readonly Secret[]): TextFilter {
    return new TextFilter([...new Set(secrets.flatMap((secret) => secret.#filterForms()))], REDACTED);
  }

  /** True when it is the same key. */
  equals(other: Secret): boolean {
    return this.#value === other.#value;
  }

  /** True when bytes hold the key as it is, or as JSON or a URL writes it. Cheap enough for every message; keys too short to tell from chance are not found. */
  standsIn(bytes: Buffer): boolean {
    return this.#plainForms().some((form) => bytes.includes(form));
  }

  /** The text without the key; nothing but the mark when what is left would tell part of it. */
  redactIn(text: string): string {
    const plain = this.#plainForms().reduce((left, form) => left.replaceAll(form.toString(), REDACTED), text);
    return this.isToldBy(plain) ? REDACTED : plain;
  }

  /** True when a text holds it as it is, in any case: for what is too much like other words to be looked for in parts. */
  isNamedIn(text: string): boolean {
    return !this.isEmpty && text.toLowerCase().includes(this.#value.toLowerCase());
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }

  #plainForms(): readonly Buffer[] {
    this.#plain ??= toPlainForms(this.#value);
    return this.#plain;
  }

  #filterForms(): string[] {
    const forms = this.#forms().filter((form) => form.length >= TELLING_EDGE);
    const standard = forms.map((form) => form.replaceAll('-', '+').replaceAll('_', '/'));
    return [...forms, ...standard, ...this.#plainForms().map((form) => form.toString())];
  }

  #forms(): string[] {
    const bytes = Buffer.from(this.#value);
    const encoded = [bytes.toString('hex'), ...[0, 1, 2].map((shift) => base64At(bytes, shift))];
    const telling = encoded.filter((form) => form.length >= TELLING_CODE);
    return [this.#value, encodeURIComponent(this.#value), ...telling];
  }
}

function toPlainForms(key: string): Buffer[] {
  if (key.length < TELLING_EDGE) return [];
  const inJson = JSON.stringify(key).slice(1, -1);
  const forms = new Set([key, inJson, inJson.replaceAll('/', '\\/'), encodeURIComponent(key)]);
  return [...forms].map((form) => Buffer.from(form));
}

/** The base64 text that stands in a longer base64 text when the bytes begin at this offset within a group of three. */
function base64At(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64url');
  return text.slice(Math.ceil((shift * 8) / 6), text.length - 2);
}

/** Decodes each sequence on its own, since characters that need no encoding may be encoded too. */
function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** True when a word of the text begins or ends the key: what is left of a key whose middle is masked. */
function hasCommonEdge(text: string, key: string): boolean {
  const words = text.split(/[^\w-]+/).filter((word) => word.length >= TELLING_EDGE);
  return words.some((word) => key.startsWith(word) || key.endsWith(word));
}

function hasCommonRun(text: string, form: string): boolean {
  const haystack = text.replaceAll('+', '-').replaceAll('/', '_').toLowerCase();
  const needle = form.replaceAll('+', '-').replaceAll('/', '_').toLowerCase();
  if (needle.length <= TELLING_LENGTH) return needle !== '' && haystack.includes(needle);
  for (let start = 0; start + TELLING_LENGTH <= needle.length; start += 1) {
    if (haystack.includes(needle.slice(start, start + TELLING_LENGTH))) return true;
  }
  return false;
}
