/** From a client's query to the address that is dialled: which endpoint, which parameters. Pure; no key is involved. */
import { type QueryPair, firstValue } from '../contract/index.ts';
import type { Endpoint, EndpointChoice, Preset, QueryRules } from './preset.ts';

/** What is dialled. */
export interface Target {
  /** Name of the chosen endpoint, for logs. */
  readonly service: string;
  readonly url: string;
}

/** The address, or the parameter because of which it is refused. */
export type TargetVerdict = { readonly target: Target } | { readonly denied: string };

/** `query` is the client's, without its credentials; `path` is the route's. */
export function toTarget(preset: Preset, path: string, query: readonly QueryPair[]): TargetVerdict {
  const service = chooseEndpoint(preset.choice, path, query);
  const endpoint = preset.endpoints[service] as Endpoint;
  const wanted = query.filter((pair) => pair.name !== preset.choice.byQuery.name);
  const denied = wanted.find((pair) => isDenied(endpoint.query, pair));
  if (denied) return { denied: denied.name };
  const pairs = applyRules(endpoint.query, wanted);
  return {
    target: { service, url: pairs.length === 0 ? endpoint.url : `${endpoint.url}?${pairs.join('&')}` },
  };
}

function chooseEndpoint(choice: EndpointChoice, path: string, query: readonly QueryPair[]): string {
  const asked = firstValue(query, choice.byQuery.name);
  if (asked !== undefined) return ownValue(choice.byQuery.values, asked) ?? choice.otherwise;
  for (const [text, name] of Object.entries(choice.byPath)) if (path.includes(text)) return name;
  for (const [name, telling] of Object.entries(choice.byParameters)) {
    if (query.some((pair) => telling.includes(pair.name))) return name;
  }
  return choice.otherwise;
}

function applyRules(rules: QueryRules, query: readonly QueryPair[]): string[] {
  const isBare = !query.some((pair) => rules.defaultsUnless.includes(pair.name));
  const kept = query.filter((pair) => ownValue(rules.pin, pair.name) === undefined).map((pair) => pair.raw);
  return [...kept, ...toPairs(isBare ? rules.defaults : {}), ...toPairs(rules.pin)];
}

/** Names are compared without case: a vendor may read `Callback` as `callback`. */
function isDenied({ deny, allow }: QueryRules, { name, value }: QueryPair): boolean {
  const known = name.toLowerCase();
  const pattern = ownValue(allow, known);
  return deny.includes(known) || (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value));
}

function toPairs(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
}

/** A client's text must not reach what every object inherits. */
function ownValue(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
