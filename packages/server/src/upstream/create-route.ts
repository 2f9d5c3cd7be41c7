/** createRoute(): from a preset and what only the operator knows to a route. Checks the operator's part; define-preset.ts the data. */
import { ConfigError } from '../errors.ts';
import { checkMessageRules, type MessageRules } from './message-hook.ts';
import type { Endpoint, Preset, UrlVariable } from './preset.ts';
import { withListedDefaults } from './listed-defaults.ts';
import { KeyRing } from './key-ring.ts';
import { toKeys } from './provider-key.ts';
import type { Route } from './route.ts';
import type { ProviderKey } from './secret-sources.ts';
import { checkUpstreamUrl } from './upstream-url.ts';
import { fillVariable, isName, valueOf, variablesIn } from './url-template.ts';

export interface RouteOptions {
  /** The provider's key, several, or where they come from; undefined where the preset says that it is optional. White space around it is removed. Never leaves the server except in the upstream handshake. */
  apiKey: ProviderKey | undefined;
  /** Values of the preset's variables that are the operator's, such as `{ resource: 'my-resource' }`. */
  values?: Readonly<Record<string, string | undefined>> | undefined;
  /** URLs in place of the preset's own, by endpoint. `wss:`, or `ws:` on loopback. */
  urls?: Readonly<Record<string, string | undefined>> | undefined;
  /**
   * Values that a query parameter may have, in place of the preset's own list, such as `{ model: ['nova-3', 'nova-2-*'] }`; `*` at the
   * end stands for any name that begins so. Another value closes with `PolicyViolation`: it has its price.
   */
  listed?: Readonly<Record<string, readonly string[] | undefined>> | undefined;
  /** Hooks that see the text messages. Default: none. */
  messages?: MessageRules | undefined;
}

/**
 * A route to a preset's provider. Errors name options as those of `name`.
 * @throws ConfigError when the key is missing or cannot travel in its slot, a variable has no usable value, or a URL is not usable.
 */
export function createRoute(preset: Preset, options: RouteOptions, name = 'createRoute()'): Route {
  const { values = {}, urls = {} } = options;
  const listed = options.listed && checkListed(`${name}.listed`, options.listed);
  checkNames(`${name}.values`, Object.keys(values), Object.keys(preset.variables ?? {}));
  checkNames(`${name}.urls`, Object.keys(urls), Object.keys(preset.endpoints));
  const endpoints = Object.entries(preset.endpoints).map(([id, endpoint]) => {
    const url = urls[id];
    const query = withListedDefaults(endpoint.query, listed);
    const place = (text: string): Endpoint => ({ ...endpoint, query, url: text });
    return [
      id,
      url === undefined
        ? place(fillOperators(`${name}.values`, preset, endpoint.url, values))
        : place(checkUpstreamUrl(`${name}.urls.${id}`, url)),
    ] as const;
  });
  return {
    preset: { ...preset, endpoints: Object.fromEntries(endpoints) },
    keys:
      preset.isKeyOptional === true && options.apiKey === undefined
        ? new KeyRing([])
        : toKeys(`${name}.apiKey`, options.apiKey, preset.upstreamAuth, preset.title),
    messages: checkMessageRules(`${name}.messages`, options.messages),
    ...(listed ? { listed } : {}),
  };
}

/** A misspelt name would be ignored. */
function checkNames(option: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const list = known.length === 0 ? 'there are none' : `known are ${known.join(', ')}`;
  throw new ConfigError(`${option}.${unknown}`, `is not one of the preset's; ${list}.`);
}

/** The URL with the operator's variables filled in; the client's are left for each session. */
function fillOperators(
  option: string,
  { variables = {} }: Preset,
  template: string,
  values: NonNullable<RouteOptions['values']>,
): string {
  let url = template;
  for (const name of variablesIn(template)) {
    const variable = variables[name];
    if (variable?.by !== 'operator') continue;
    const text = valueOf(variable, values[name]);
    if (text === undefined) throw new ConfigError(`${option}.${name}`, problemOf(variable, values[name]));
    url = fillVariable(url, name, text);
  }
  return url;
}

function problemOf({ values }: UrlVariable, value: string | undefined): string {
  const known = values
    ? `one of ${Object.keys(values).join(', ')}`
    : 'a name of letters, digits, dots, - and _';
  return value === undefined ? `is missing. Give ${known}.` : `cannot stand in the URL. Give ${known}.`;
}

function checkListed(
  option: string,
  listed: NonNullable<RouteOptions['listed']>,
): Readonly<Record<string, readonly string[]>> {
  const checked = Object.entries(listed).map(
    ([name, entries]) => [name, checkList(`${option}.${name}`, entries)] as const,
  );
  return Object.fromEntries(
    checked.filter((entry): entry is [string, readonly string[]] => entry[1] !== undefined),
  );
}

/** Returns the list unchanged. @throws ConfigError when an entry could never match, or would match by mistake. */
export function checkList(
  option: string,
  entries: readonly string[] | undefined,
): readonly string[] | undefined {
  if (entries === undefined) return undefined;
  if (Array.isArray(entries) && entries.length > 0 && entries.every(isEntry)) return entries;
  throw new ConfigError(
    option,
    "is not a list of names. Write it like ['name-1', 'name-2-*'], or ['*'] for any.",
  );
}

function isEntry(entry: unknown): boolean {
  if (typeof entry !== 'string') return false;
  return entry === '*' || isName(entry.endsWith('*') ? entry.slice(0, -1) : entry);
}
