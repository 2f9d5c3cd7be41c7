/**
 * The compat profile `seed`: what clients of the old systems need that the safe default refuses, as a list that is printed at start. Each
 * line says what becomes possible again. Outside the profile nothing of it holds.
 */
import type { JsonPath, MessagePolicy, MessageRule } from './policy.ts';

export interface Relaxation {
  readonly name: string;
  /** What it means for the operator, in one sentence. */
  readonly says: string;
  /** Presets that are concerned. */
  readonly presets: readonly string[];
  /** Places that are no longer denied. */
  readonly allows: readonly JsonPath[];
}

export const SEED_RELAXATIONS: readonly Relaxation[] = [
  {
    name: 'client-think-endpoint',
    says: "A page may choose the language model's endpoint and headers, so that its key starts in the page, and the provider calls any address that a page names.",
    presets: ['deepgram'],
    allows: ['agent.think.endpoint', 'think.endpoint'],
  },
  {
    name: 'client-function-endpoints',
    says: 'A page may name endpoints and headers of functions, and the provider calls them.',
    presets: ['deepgram'],
    allows: ['agent.think.functions[*].endpoint', 'think.functions[*].endpoint'],
  },
];

/** The policy without what the relaxations allow. */
export function relaxPolicy(policy: MessagePolicy, relaxations: readonly Relaxation[]): MessagePolicy {
  const allowed = new Set(relaxations.flatMap(({ allows }) => allows));
  if (allowed.size === 0 || !policy.rules) return policy;
  return { ...policy, rules: policy.rules.map((rule) => relaxRule(rule, allowed)) };
}

function relaxRule(rule: MessageRule, allowed: ReadonlySet<JsonPath>): MessageRule {
  return rule.deny ? { ...rule, deny: rule.deny.filter((path) => !allowed.has(path)) } : rule;
}
