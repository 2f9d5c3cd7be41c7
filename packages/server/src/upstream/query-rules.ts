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
  return { pairs: [...kept.map((pair) => toSent(rules, pair)), ...toPairs(added)] };
}

/** Names are compared without case: a vendor may read `Callback` as `callback`. */
function isDenied(
  { deny = [], allow = {} }: QueryRules,
  lists: NonNullable<QueryRules['listed']>,
  { name, value }: QueryPair,
): boolean {
  const known = name.toLowerCase();
  if (deny.some((other) => other.toLowerCase() === known)) return true;
  const pattern = entryOf(allow, known);
  if (pattern !== undefined && !new RegExp(`^(?:${pattern})$`).test(value)) return true;
  const list = entryOf(lists, known);
  return list !== undefined && !isListed(list, value);
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

function passes({ pin = {}, only }: QueryRules, { name }: QueryPair): boolean {
  if (entryOf(pin, name.toLowerCase()) !== undefined) return false;
  return only === undefined || only.includes(name);
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

function toPairs(values: Values): string[] {
  return Object.entries(values).map(
    ([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
  );
}

/** The entry of this name, which is in lower case. What every object inherits is not looked at. */
function entryOf<T>(values: Readonly<Record<string, T>>, known: string): T | undefined {
  if (Object.hasOwn(values, known)) return values[known];
  return Object.entries(values).find(([name]) => name.toLowerCase() === known)?.[1];
}
