/** Where credentials stand, as data: read by what finds a user's token and by what writes the provider's key. */

/** A place in a handshake that carries a credential. In `format` and `values`, `{key}` stands for the credential. */
export type HandshakeSlot =
  /** `name` in lower case. */
  | { readonly in: 'header'; readonly name: string; readonly format: string }
  | { readonly in: 'query'; readonly name: string; readonly format: string }
  /** One value, such as `bearer.{key}`, or several that stand next to each other, such as `token` and `{key}`. */
  | { readonly in: 'subprotocol'; readonly values: readonly string[] };

/** A field of a text message that carries a credential: of the first one, or of each that starts a stream. */
export interface MessageSlot {
  readonly in: 'message';
  /** Names of the field and of those around it, with dots between them. */
  readonly path: string;
  readonly when: 'first' | 'each-start';
}

export type Slot = HandshakeSlot | MessageSlot;

/** The mark in a slot's format that stands for the credential. */
const KEY_MARK = '{key}';

/** The credential in a slot's value, or undefined when the value has another form. Letter case of the form is ignored. */
export function readSlotValue(format: string, value: string): string | undefined {
  const at = format.indexOf(KEY_MARK);
  const before = format.slice(0, at);
  const after = format.slice(at + KEY_MARK.length);
  if (value.length < before.length + after.length) return undefined;
  if (value.slice(0, before.length).toLowerCase() !== before.toLowerCase() || !value.endsWith(after))
    return undefined;
  return value.slice(before.length, value.length - after.length);
}

/** A slot's value with a credential in it. */
export function fillSlot(format: string, credential: string): string {
  return format.replace(KEY_MARK, () => credential);
}

/** True for a value that is, or contains, the credential rather than fixed text. */
export function isCredentialFormat(format: string): boolean {
  return format.includes(KEY_MARK);
}
