/**
 * Queries that the server holds: a client names one and gives its parameters, which are checked and go into the prompt as
 * data. No syntax is looked for in them.
 */
import { toMarkedJson } from './marked-json.ts';
import { HttpFault } from './fault.ts';

export type ParameterRule =
  | { readonly type: 'text'; readonly maxLength: number; readonly isRequired?: boolean }
  | { readonly type: 'number'; readonly min?: number; readonly max?: number; readonly isRequired?: boolean }
  /** An object; its length is that of its JSON. */
  | { readonly type: 'object'; readonly maxLength: number; readonly isRequired?: boolean };

export interface Template {
  /** What the model is asked to do. */
  readonly instruction: string;
  /** Everything that a client may give; anything else is refused. */
  readonly parameters: Readonly<Record<string, ParameterRule>>;
}

/** What all four take: a period, a part of the customers, the currency, and the numbers to look at. */
const FIGURES: Readonly<Record<string, ParameterRule>> = {
  time_period: { type: 'text', maxLength: 64, isRequired: true },
  segment: { type: 'text', maxLength: 128 },
  currency: { type: 'text', maxLength: 8 },
  metrics: { type: 'object', maxLength: 50_000 },
};

const template = (instruction: string, more: Template['parameters'] = {}): Template => ({
  instruction,
  parameters: { ...FIGURES, ...more },
});

const AMOUNT: ParameterRule = { type: 'number', min: 0 };
const SHARE: ParameterRule = { type: 'number', min: 0, max: 100 };

export const SHIPPED_TEMPLATES: Readonly<Record<string, Template>> = {
  mrr_analysis: template(
    'Describe how monthly recurring revenue has developed in this period, and what stands out.',
    { current_mrr: AMOUNT, previous_mrr: AMOUNT },
  ),
  churn_analysis: template('Describe the churn rate of this period, its patterns and their likely reasons.', {
    churn_rate: SHARE,
    previous_churn_rate: SHARE,
  }),
  conversion_analysis: template(
    'Describe how the conversion funnel performs in this period, and where most is lost.',
    { conversion_rate: SHARE },
  ),
  cohort_analysis: template('Compare how well the cohorts of this period are retained.', {
    cohort_size: AMOUNT,
  }),
};

/** The prompt of a template. @throws HttpFault for parameters that are missing, unknown, of another type or too long. */
export function fillTemplate(
  { instruction, parameters: rules }: Template,
  given: Record<string, unknown>,
): string {
  const missing = Object.keys(rules).filter((name) => rules[name]?.isRequired && !Object.hasOwn(given, name));
  if (missing.length > 0) throw refuse('Missing required fields', missing);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(rules, name));
  if (unknown.length > 0) throw refuse('Unknown fields', unknown);
  const wrong = Object.keys(given).filter((name) => !fits(rules[name], given[name]));
  if (wrong.length > 0) throw refuse('Invalid fields', wrong);
  return `${instruction}\n\n${toMarkedJson('parameters', given)}`;
}

function fits(rule: ParameterRule | undefined, value: unknown): boolean {
  if (rule?.type === 'text') return typeof value === 'string' && value.length <= rule.maxLength;
  if (rule?.type === 'number')
    return typeof value === 'number' && value >= (rule.min ?? -Infinity) && value <= (rule.max ?? Infinity);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return JSON.stringify(value).length <= (rule?.maxLength ?? 0);
}

const MOST_NAMED = 20;
const LONGEST_NAME = 64;

/** Names of a client's own making are told back, but neither many nor long ones. */
function refuse(error: string, names: readonly string[]): HttpFault {
  const fields = names.slice(0, MOST_NAMED).map((name) => name.slice(0, LONGEST_NAME));
  return fieldFault(error, fields);
}

/** A 400 that names the fields. */
export function fieldFault(error: string, fields: readonly string[]): HttpFault {
  const message = `${error}: ${fields.join(', ')}.`;
  return new HttpFault({ status: 400, error, message, more: { fields }, why: error.toLowerCase() });
}
