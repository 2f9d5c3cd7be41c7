/** Finds the user's token in an upgrade, strips it, and says which subprotocol to echo. How a token is checked is not its concern. */
import { SUBPROTOCOL, TOKEN_QUERY, TOKEN_SUBPROTOCOL_PREFIX } from '../contract/index.ts';
import { fillSlot, isCredentialFormat, readSlotValue, type QueryPair, type Slot } from '../contract/index.ts';

/** The parts of an upgrade in which a token may stand. */
export interface CredentialPlaces {
  readonly query: readonly QueryPair[];
  /** Value of a header by its lower-case name. */
  header(name: string): string | undefined;
  /** Offered subprotocols, in order. */
  readonly subprotocols: readonly string[];
}

/** Where the token stood: the slot of the vendor's own SDK, or one of the contract's places. */
export type CredentialPlace = 'vendor' | 'query' | 'authorization' | 'subprotocol';

export interface FoundCredential {
  readonly token: string | undefined;
  readonly place: CredentialPlace | undefined;
  /** Two different tokens in two places: nobody can tell which one counts. */
  readonly isAmbiguous: boolean;
  /** The query without every credential. */
  readonly query: readonly QueryPair[];
  /** The subprotocol to answer with: the first offered one that is not a credential, unless the rule says otherwise. */
  readonly echo: string | undefined;
}

/** Names of subprotocols are short; a longer value may be a token in a place that no slot names. */
const LONGEST_ECHO = 32;

interface Hit {
  readonly token: string;
  readonly place: CredentialPlace;
}

const OWN_SLOTS: readonly (readonly [CredentialPlace, Slot])[] = [
  ['query', { in: 'query', name: TOKEN_QUERY, format: '{key}' }],
  ['authorization', { in: 'header', name: 'authorization', format: 'Bearer {key}' }],
  ['subprotocol', { in: 'subprotocol', values: [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}{key}`] }],
];

/** Which offered subprotocol a client is answered with: see SubprotocolRules of a preset. */
export type EchoRule = 'plain' | 'any' | { readonly literal: string };

/** Reads the vendor's slots first, then the contract's places, in the order of PROTOCOL.md. */
export function findCredential(
  places: CredentialPlaces,
  vendorSlots: readonly Slot[],
  echo: EchoRule = 'plain',
): FoundCredential {
  const slots = [...vendorSlots.map((slot) => ['vendor', slot] as const), ...OWN_SLOTS];
  const hits = slots.flatMap(([place, slot]) =>
    readSlot(places, slot).map((token): Hit => ({ token, place })),
  );
  const first = hits[0];
  const tokens = new Set(hits.map((hit) => hit.token));
  return {
    token: first?.token,
    place: first?.place,
    isAmbiguous: hits.some((hit) => hit.token !== first?.token),
    query: stripQuery(
      places.query,
      slots.map(([, slot]) => slot),
    ),
    echo: echoOf(
      places.subprotocols,
      echo,
      (value) => value.length <= LONGEST_ECHO && !isCarrier(value, slots) && !holdsAny(value, tokens),
    ),
  };
}

function echoOf(
  offered: readonly string[],
  rule: EchoRule,
  isPlain: (value: string) => boolean,
): string | undefined {
  // A value that was not offered ends the connection in every browser (RFC 6455 4.1).
  if (typeof rule === 'object') return offered.find((value) => value === rule.literal);
  return offered.find(isPlain) ?? (rule === 'any' ? offered[0] : undefined);
}

function readSlot(places: CredentialPlaces, slot: Slot): string[] {
  // Whoever reads the messages reads it.
  if (slot.in === 'message') return [];
  if (slot.in === 'subprotocol') return readSubprotocolSlot(places.subprotocols, slot.values);
  if (slot.in === 'query')
    return places.query
      .filter((pair) => pair.name === slot.name)
      .map((pair) => readQuerySlot(slot.format, pair.value))
      .filter((token) => token !== undefined && token !== '') as string[];
  return [places.header(slot.name)]
    .map((value) => (value === undefined ? undefined : readSlotValue(slot.format, value)))
    .filter((token) => token !== undefined && token !== '') as string[];
}

/** Forms write a space as a plus sign, and read a plus sign as a space; a format may have spaces, a token has none. */
function readQuerySlot(format: string, value: string): string | undefined {
  const token = readSlotValue(format, value) ?? readSlotValue(format, value.replaceAll('+', ' '));
  return token?.replaceAll(' ', '+');
}

/** The slot's values stand next to each other in the offer, such as `token` and then the credential. */
function readSubprotocolSlot(offered: readonly string[], values: readonly string[]): string[] {
  const start = offered.findIndex((_, at) =>
    values.every((format, offset) => fits(format, offered[at + offset])),
  );
  if (start < 0) return [];
  const at = values.findIndex(isCredentialFormat);
  const token = readSlotValue(values[at] ?? '', offered[start + at] ?? '');
  return token === undefined || token === '' ? [] : [token];
}

function fits(format: string, value: string | undefined): boolean {
  if (!isCredentialFormat(format)) return value === format;
  return value !== undefined && readSlotValue(format, value) !== undefined;
}

/** In any case of its letters: where it is misspelt it is not read, but a token all the same. */
function stripQuery(query: readonly QueryPair[], slots: readonly Slot[]): QueryPair[] {
  const names = new Set(slots.filter((slot) => slot.in === 'query').map((slot) => slot.name.toLowerCase()));
  return query.filter((pair) => !names.has(pair.name.toLowerCase()));
}

/** A value that can only be there for a credential is never echoed, also when what should stand beside it is missing. */
function isCarrier(value: string, slots: readonly (readonly [CredentialPlace, Slot])[]): boolean {
  const formats = slots.flatMap(([, slot]) => (slot.in === 'subprotocol' ? slot.values : []));
  // A format that is nothing but the credential would fit every value.
  const telling = formats.filter((format) => isCredentialFormat(format) && fillSlot(format, '') !== '');
  return telling.some((format) => readSlotValue(format, value) !== undefined);
}

function holdsAny(value: string, tokens: ReadonlySet<string>): boolean {
  return [...tokens].some((token) => value.includes(token));
}
