/** From a client's query to the address that is dialled: which endpoint, which parameters. Pure; no key is involved. */
import { type QueryPair, firstValue } from '../contract/index.ts';
import type { Endpoint, Preset } from './preset.ts';
import { applyQueryRules } from './query-rules.ts';
import type { Route } from './route.ts';
import type { Secret } from './secret.ts';
import { fillVariable, valueOf, variablesIn } from './url-template.ts';

/** What is dialled. */
export interface Target {
  /** Name of the chosen endpoint, for logs. */
  readonly service: string;
  readonly url: string;
  /** The provider's further addresses, for when the first one is down. */
  readonly others?: readonly string[];
  /** Which of several addresses it is, such as `2 of 3`. */
  readonly address?: string;
  /** The user's own token, which goes to the provider in place of the key. */
  readonly token?: Secret;
  /** The key to use, of those of the route. Default: the first. */
  readonly key?: Secret;
}

/** The address, or the parameter because of which it is refused: one that may not be, or one that is missing or there twice. */
export type TargetVerdict =
  | { readonly target: Target }
  | { readonly denied: string }
  | { readonly missing: string; readonly said?: string | undefined };

/** `query` is the client's, without its credentials; `path` is the route's. */
export function toTarget(
  route: Omit<Route, 'keys' | 'messages'>,
  path: string,
  query: readonly QueryPair[],
): TargetVerdict {
  const { preset } = route;
  const { choice } = preset;
  const service = serviceOf(route, path, query);
  const endpoint = preset.endpoints[service] as Endpoint;
  const filled = fillIn(preset, endpoint.url, route.values ?? {});
  if ('denied' in filled) return filled;
  const wanted = query.filter((pair) => pair.name !== choice.byQuery?.name);
  const verdict = applyQueryRules(endpoint.query, wanted, route.listed);
  if ('missing' in verdict) return { ...verdict, said: endpoint.missingText };
  if ('denied' in verdict) return verdict;
  const { pairs } = verdict;
  const search = pairs.length === 0 ? '' : `?${pairs.join('&')}`;
  const url = filled.url + search;
  const templates = route.fallback?.urls.get(service);
  if (!templates) return { target: { service, url } };
  const others: string[] = [];
  for (const template of templates) {
    const other = fillIn(preset, template, route.values ?? {});
    if ('denied' in other) return other;
    others.push(other.url + search);
  }
  return { target: { service, url, others } };
}

/** Name of the endpoint that a client asks for, whether or not it gets it. */
export function serviceOf(
  { endpoint, preset }: Pick<Route, 'endpoint' | 'preset'>,
  path: string,
  query: readonly QueryPair[],
): string {
  return endpoint ?? chooseEndpoint(preset, path, query);
}

function chooseEndpoint({ choice, endpoints }: Preset, path: string, query: readonly QueryPair[]): string {
  const { first = [], byQuery, byPath = {}, byParameters = {}, otherwise } = choice;
  for (const { when, endpoint } of first) if (isTrue(when, query)) return endpoint;
  const asked = byQuery && firstValue(query, byQuery.name);
  if (byQuery && asked !== undefined) return ownValue(byQuery.values, asked) ?? otherwise;
  for (const [text, name] of Object.entries(byPath)) if (path.includes(text)) return name;
  for (const [name, telling] of Object.entries(byParameters)) {
    const needsValue = endpoints[name]?.query.dropsEmpty === true;
    const tells = ({ name: said, value }: QueryPair): boolean =>
      telling.includes(said) && !(needsValue && value === '');
    if (query.some(tells)) return name;
  }
  return otherwise;
}

function isTrue(when: Readonly<Record<string, string | true>>, query: readonly QueryPair[]): boolean {
  return Object.entries(when).every(([name, wanted]) => {
    const value = firstValue(query, name) ?? '';
    return wanted === true ? value !== '' : value === wanted;
  });
}

/** Puts what the client's path says into the URL; the operator's part is in it already. */
function fillIn(
  { variables = {} }: Preset,
  template: string,
  values: Readonly<Record<string, string>>,
): { readonly url: string } | { readonly denied: string } {
  let url = template;
  for (const name of template.includes('{') ? variablesIn(template) : []) {
    const variable = variables[name];
    const text = variable?.by === 'client' ? valueOf(variable, ownValue(values, name)) : undefined;
    if (text === undefined) return { denied: name };
    url = fillVariable(url, name, text);
  }
  return { url };
}

/** A client's text must not reach what every object inherits. */
function ownValue(values: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(values, name) ? values[name] : undefined;
}
