/** Query strings kept as they were sent: names are decoded to be judged, pairs are forwarded byte for byte. */

export interface QueryPair {
  /** Percent-decoded, so that an encoded spelling is the same name. */
  readonly name: string;
  /** Percent-decoded; a plus sign stays one, because tokens contain no spaces. */
  readonly value: string;
  /** As it stood in the request. */
  readonly raw: string;
}

export function readQuery(search: string): QueryPair[] {
  return search
    .split('&')
    .filter((raw) => raw !== '')
    .map((raw) => {
      const equals = raw.indexOf('=');
      const name = equals < 0 ? raw : raw.slice(0, equals);
      return { name: decode(name), value: equals < 0 ? '' : decode(raw.slice(equals + 1)), raw };
    });
}

/** The first value of a parameter; the others are forwarded but decide nothing. */
export function firstValue(query: readonly QueryPair[], name: string): string | undefined {
  return query.find((pair) => pair.name === name)?.value;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
