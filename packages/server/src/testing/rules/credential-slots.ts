/** The places where vendors look for a credential, and what stands there. Whether it is the right one, is judged elsewhere. */
import { headerValues, type UpgradeRequest } from '../upgrade-request.ts';

/**
 * Who may stand in a slot: the mock's secret, the token that `bearer` names (a user's own), or a short-lived credential
 * that the mock itself has issued.
 */
export type CredentialKind = 'secret' | 'bearer' | 'issued';

export interface CredentialSlot {
  /** For violations, such as `one Authorization header with the scheme Token`. */
  readonly says: string;
  /** The header in which it stands, in lower case. */
  readonly header?: string;
  /** The query key in which it stands. */
  readonly queryKey?: string;
  /** Subprotocols that come with it and are not credentials. */
  readonly companions?: readonly string[];
  readonly takes: readonly CredentialKind[];
  /** The credential, when the slot is filled exactly as the vendor documents; else undefined. */
  readonly read: (request: UpgradeRequest) => string | undefined;
}

const SECRET: readonly CredentialKind[] = ['secret'];

/** The header holds the bare credential. */
export function bareHeader(name: string, takes = SECRET): CredentialSlot {
  return { says: `one ${name} header`, header: name, takes, read: (request) => onlyValue(request, name) };
}

/** `Authorization` with a scheme. The scheme is compared as written, as some vendors do. */
export function authorization(scheme: string, takes = SECRET): CredentialSlot {
  const form = new RegExp(`^${scheme} (\\S+)$`);
  return {
    says: `one Authorization header with the scheme ${scheme}`,
    header: 'authorization',
    takes,
    read: (request) => form.exec(onlyValue(request, 'authorization') ?? '')?.[1],
  };
}

/** The two subprotocols `scheme` and the credential, and no others. */
export function subprotocolPair(scheme: string, takes = SECRET): CredentialSlot {
  return {
    says: `the subprotocols ${scheme} and a credential, alone`,
    header: 'sec-websocket-protocol',
    companions: [scheme],
    takes,
    read(request) {
      const [first, credential, ...more] = request.subprotocols;
      const isPair = first === scheme && more.length === 0;
      return isPair && onlyValue(request, 'sec-websocket-protocol') !== undefined ? credential : undefined;
    },
  };
}

/** One subprotocol that is the prefix and the credential, beside others that are none. */
export function subprotocolPrefix(prefix: string, takes: readonly CredentialKind[]): CredentialSlot {
  return {
    says: `one subprotocol ${prefix}…`,
    header: 'sec-websocket-protocol',
    takes,
    read({ subprotocols }) {
      const found = subprotocols.filter((value) => value.startsWith(prefix));
      return found.length === 1 ? found[0]?.slice(prefix.length) : undefined;
    },
  };
}

/** A query key, once. */
export function queryKey(name: string, takes = SECRET, prefix = ''): CredentialSlot {
  return {
    says: `one query key ${name}`,
    queryKey: name,
    takes,
    read({ query }) {
      const found = query.filter(([key]) => key === name);
      const value = found[0]?.[1] ?? '';
      return found.length === 1 && value.startsWith(prefix) ? value.slice(prefix.length) : undefined;
    },
  };
}

/** For services that ask for no credential at all. */
export const NO_CREDENTIAL: CredentialSlot = { says: 'no credential', takes: [], read: () => undefined };

function onlyValue(request: UpgradeRequest, name: string): string | undefined {
  const values = headerValues(request.headers, name);
  return values.length === 1 ? values[0] : undefined;
}
