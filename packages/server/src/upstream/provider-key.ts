/** Whether a provider's key can travel where its preset puts it. The key is never repeated in an error. */
import { isSubprotocol, type HandshakeSlot } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import { Secret } from './secret.ts';

/** What a header's value may hold beside spaces (RFC 9110 5.5), without what is not ASCII. */
const VISIBLE = /^[\x21-\x7e]+$/;

/** White space around the key is removed. @throws ConfigError naming `option` when it is missing or cannot travel in the slot. */
export function toSecret(
  option: string,
  apiKey: string | undefined,
  slot: HandshakeSlot,
  title: string,
): Secret {
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
