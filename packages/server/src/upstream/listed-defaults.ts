/** What a client gets that leaves a parameter out for which a route has a list of its own: nothing that is not in the list. */
import type { QueryRules } from './preset.ts';
import { isListed } from './query-rules.ts';

/**
 * The rules with defaults from the lists: the preset's own where it is listed, else the first whole name that the preset knows. Where there
 * is none, the client has to say it, for the provider's default may be any.
 */
export function withListedDefaults(rules: QueryRules, listed: QueryRules['listed'] = {}): QueryRules {
  return Object.entries(listed)
    .filter(([name, list]) => Object.hasOwn(rules.listed ?? {}, name) && !list.includes('*'))
    .reduce((left, [name, list]) => withDefault(left, name, list), rules);
}

function withDefault(rules: QueryRules, name: string, list: readonly string[]): QueryRules {
  const { [name]: bare, ...defaults } = rules.defaults ?? {};
  const { [name]: each, ...defaultEach } = rules.defaultEach ?? {};
  const own = each ?? bare;
  if (own === undefined && rules.required?.some((group) => group.includes(name)) === true) return rules;
  const value = choose(list, rules.listed?.[name] ?? [], own);
  if (value === undefined)
    return { ...rules, defaults, defaultEach, required: [...(rules.required ?? []), [name]] };
  return { ...rules, defaults, defaultEach: { ...defaultEach, [name]: value } };
}

function choose(
  list: readonly string[],
  known: readonly string[],
  own: string | undefined,
): string | undefined {
  if (own !== undefined && isListed(list, own)) return own;
  const names = list.filter((entry) => !entry.endsWith('*'));
  // A preset without a default leaves it to the provider, which would not know another's names.
  return names.find((entry) => isListed(known, entry)) ?? (own === undefined ? undefined : names[0]);
}
