/** A preset's rules on the query, carried out: what is refused, what is left out, what is added. Pure; knows no endpoint. */
import type { QueryPair } from '../contract/index.ts';
import type { QueryRules } from './preset.ts';

type Values = Readonly<Record<string, string>>;

/** The query to send, or the parameter because of which there is none. */
export type QueryVerdict =
  { readonly pairs: readonly string[] } | { readonly denied: string } | { readonly missing: string };

/** The characters of a name; a listed beginning must not let an address through behind it. */
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

/** `listed` is the route's own, which counts in place of the rules' where it names a parameter. */
export function applyQueryRules(
  rules: QueryRules,
  query: readonly QueryPair[],
  listed: QueryRules['listed'] = {},
): QueryVerdict {
  const lists = { ...rules.listed, ...listed };
  const said = rules.dropsEmpty === true ? query.filter(({ value }) => value !== '') : query;
  const denied = said.find((pair) => isDenied(rules, lists, pair));
  if (denied) return { denied: denied.name };
  const added = { ...defaultsFor(rules, said), ...rules.pin };
  const kept = said.filter((pair) => passes(rules, pair));
  const names = [...kept.map(({ name }) => name), ...Object.keys(added)].map((name) =>
    vendorName(rules, name),
  );
  const faulty = rules.required?.find(
    (group) =>
      countOf(
        group.map((name) => vendorName(rules, name)),
        names,
      ) !== 1,
  );
  if (faulty) return { missing: faulty.join(' or ') };
  return { pairs: [...kept.map((pair) => toSent(rules, pair)), ...toPairs(rules, added)] };
}

/** What is replaced whatever it says is not looked at. */
function isDenied(
  rules: QueryRules,
  lists: NonNullable<QueryRules['listed']>,
  { name, value }: QueryPair,
): boolean {
  const { deny = [], allow = {} } = rules;
  if (isPinned(rules, name)) return false;
  if (deny.some((other) => isSame(rules, other, name))) return true;
  const pattern = entryOf(rules, allow, name);
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) return true;
  const list = entryOf(rules, lists, name);
  return list !== undefined && !isListed(list, value);
}

function isPinned(rules: QueryRules, name: string): boolean {
  return Object.keys(rules.pin ?? {}).some((other) => isSame(rules, other, name));
}

/** Whether a value is a name, and one that a list has or begins with `*`. */
export function isListed(list: readonly string[], value: string): boolean {
  return NAME.test(value) && list.some((entry) => fits(entry, value));
}

function fits(entry: string, value: string): boolean {
  return entry.endsWith('*') ? value.startsWith(entry.slice(0, -1)) : value === entry;
}

function defaultsFor(rules: QueryRules, query: readonly QueryPair[]): Values {
  const { defaults, defaultsUnless = [], defaultEach = {} } = rules;
  const isBare = !query.some((pair) => defaultsUnless.includes(pair.name));
  const there = new Set(query.map(({ name }) => vendorName(rules, name)));
  const missing = Object.entries(defaultEach).filter(([name]) => !there.has(vendorName(rules, name)));
  return { ...(isBare ? defaults : {}), ...Object.fromEntries(missing) };
}

function passes(rules: QueryRules, { name }: QueryPair): boolean {
  return !isPinned(rules, name) && (rules.only === undefined || rules.only.includes(name));
}

function countOf(group: readonly string[], names: readonly string[]): number {
  return names.filter((name) => group.includes(name)).length;
}

/** As it came, but for a name that the vendor calls otherwise. */
function toSent(rules: QueryRules, { name, raw }: QueryPair): string {
  const sent = vendorName(rules, name);
  if (sent === name) return raw;
  const equals = raw.indexOf('=');
  return `${encodeURIComponent(sent)}${equals < 0 ? '' : raw.slice(equals)}`;
}

function vendorName({ rename = {} }: QueryRules, name: string): string {
  return (Object.hasOwn(rename, name) ? rename[name] : undefined) ?? name;
}

function toPairs(rules: QueryRules, values: Values): string[] {
  return Object.entries(values).map(
    ([name, value]) => `${encodeURIComponent(vendorName(rules, name))}=${encodeURIComponent(value)}`,
  );
}

/** The entry for this name. What every object inherits is not looked at. */
function entryOf<T>(rules: QueryRules, values: Readonly<Record<string, T>>, name: string): T | undefined {
  if (Object.hasOwn(values, name)) return values[name];
  return Object.entries(values).find(([other]) => isSame(rules, other, name))?.[1];
}

/** Without case, for a vendor may read `Callback` as `callback`; and by the vendor's name too, which a client may use as well. */
function isSame(rules: QueryRules, one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a === b || vendorName(rules, one).toLowerCase() === vendorName(rules, other).toLowerCase();
}
