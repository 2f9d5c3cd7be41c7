/** What may stand in a query, as data, and what a query has beyond it. Names keys, never values. */
import type { Entry } from '../upgrade-request.ts';

export interface QueryRules {
  /** The ways to address the service, each as the keys it takes: exactly one must be there in full, each key once. */
  readonly forms?: readonly (readonly string[])[];
  /** Keys that may be there as well, also repeatedly. */
  readonly optional?: readonly string[];
  /** What the values of keys look like. */
  readonly values?: Readonly<Record<string, RegExp>>;
}

/** Everything in a query that the rules do not name. `allowed` are keys beyond the rules. */
export function queryViolations(
  query: readonly Entry[],
  rules: QueryRules,
  allowed: ReadonlySet<string>,
): string[] {
  const forms = rules.forms ?? [];
  const known = new Set([...forms.flat(), ...(rules.optional ?? []), ...allowed]);
  const unknown = query.filter(([key]) => !known.has(key));
  const malformed = query.filter(([key, value]) => rules.values?.[key]?.test(value) === false);
  return [
    ...unknown.map(([key]) => `unexpected query key ${key}`),
    ...malformed.map(([key]) => `query key ${key} has another form`),
    ...formViolations(
      query.map(([key]) => key),
      rules,
    ),
  ];
}

function formViolations(keys: readonly string[], { forms = [], optional = [] }: QueryRules): string[] {
  if (forms.length === 0) return [];
  const choice = forms.map((form) => form.join(' and ')).join(', or ');
  const fitting = forms.filter((form) => form.every((key) => keys.includes(key)));
  const [form] = fitting;
  if (!form) return [`the query lacks ${choice}`];
  const ofForms = keys.filter((key) => forms.some((one) => one.includes(key)));
  const stray = ofForms.filter((key) => !form.includes(key) && !optional.includes(key));
  if (fitting.length > 1 || stray.length > 0) return [`the query mixes ${choice}`];
  return form
    .filter((name) => ofForms.filter((key) => key === name).length > 1)
    .map((name) => `query key ${name} stands more than once`);
}
