/** From the option of a provider's key to the keys of a route: whether each can travel where its preset puts it. No key is repeated in an error. */
import { isSubprotocol, type HandshakeSlot } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import { KeyRing } from './key-ring.ts';
import { Secret } from './secret.ts';
import { isSecretSource, type ProviderKey } from './secret-sources.ts';

/** What a header's value may hold beside spaces (RFC 9110 5.5), without what is not ASCII. */
const VISIBLE = /^[\x21-\x7e]+$/;
/** Each is looked for in what leaves the server. */
const MOST_KEYS = 16;

/** White space around keys is removed. @throws ConfigError naming `option` when one is missing or cannot travel in the slot. */
export function toKeys(
  option: string,
  apiKey: ProviderKey | undefined,
  slot: HandshakeSlot,
  title: string,
): KeyRing {
  const check = (text: unknown, at = option): Secret => toKey(at, text, slot, title);
  if (isSecretSource(apiKey)) return new KeyRing([], { option, check, source: apiKey });
  if (!Array.isArray(apiKey)) return new KeyRing([check(apiKey)], { option, check });
  const list: readonly unknown[] = apiKey;
  checkCount(option, list.length);
  return new KeyRing(
    list.map((key, at) => check(key, `${option}[${at}]`)),
    { option, check },
  );
}

/** @throws ConfigError naming `option`. */
export function checkCount(option: string, count: number): void {
  if (count < 1 || count > MOST_KEYS)
    throw new ConfigError(option, `has ${count} keys. Pass from 1 to ${MOST_KEYS} of them.`);
}

function toKey(option: string, apiKey: unknown, slot: HandshakeSlot, title: string): Secret {
  const key = typeof apiKey === 'string' ? apiKey.trim() : '';
  if (key === '') {
    const variable = `${title.split(' ')[0]?.toUpperCase()}_API_KEY`;
    throw new ConfigError(option, `is missing. Pass your ${title} key, e.g. process.env.${variable}.`);
  }
  const mayTravel = slot.in === 'subprotocol' ? isSubprotocol(key) : VISIBLE.test(key);
  if (mayTravel) return new Secret(key);
  const [where, such] =
    slot.in === 'subprotocol'
      ? ['WebSocket subprotocol', 'a space, quote, comma, slash or the like']
      : [slot.in === 'header' ? 'header' : 'URL', 'a space, a line end or one that is not ASCII'];
  throw new ConfigError(
    option,
    `has a character that cannot travel in a ${where} (${such}). Copy the key again without what stands around it.`,
  );
}
