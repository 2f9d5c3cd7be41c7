/** Judges a parsed JSON body by a call's rules, and writes anew what was judged, so that two parsers cannot disagree about it. */
import type { JsonRules } from '../upstream/http-api.ts';
import { compilePolicy } from '../upstream/policy/compile.ts';
import { whyUnfaithful } from '../upstream/policy/read-message.ts';
import { isListed } from '../upstream/query-rules.ts';
import { badRequest, HttpFault, rowFault } from './fault.ts';

/** The bytes to send. @throws HttpFault that names the member which may not be. */
export type JsonJudge = (body: Readonly<Record<string, unknown>>) => Buffer;

type Members = Readonly<Record<string, unknown>>;

/** Rules on messages may ask a session; there is none. */
const NO_SESSION = { query: () => undefined, isAskedFor: () => false };

export function createJsonJudge(rules: JsonRules): JsonJudge {
  const { only = {}, deny = [], values = {}, listed = {}, most = {} } = rules;
  const operations = compilePolicy({ rules: [{ types: '*', only, deny, values }] }).operationsFor(undefined);
  return (body) => {
    const copy = { ...body };
    const unfaithful = whyUnfaithful(copy, JSON.stringify(copy));
    if (unfaithful !== undefined) throw badRequest(`The body ${unfaithful}.`);
    for (const operation of operations) {
      const breach = operation(copy, NO_SESSION);
      if (breach) throw notAllowed(`${breach.path || 'The body'} ${breach.says}.`);
    }
    checkListed(listed, copy);
    return Buffer.from(JSON.stringify({ ...copy, ...capped(most, copy) }));
  };
}

function checkListed(listed: NonNullable<JsonRules['listed']>, body: Members): void {
  for (const [name, list] of Object.entries(listed)) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined;
    if (typeof value !== 'string') throw badRequest(`The body has no ${name}, or not a text for it.`);
    if (!isListed(list, value)) throw notAllowed(`This ${name} is not allowed here.`);
  }
}

function capped(most: NonNullable<JsonRules['most']>, body: Members): Record<string, number> {
  return Object.fromEntries(
    Object.entries(most).map(([name, limit]) => {
      const value = Object.hasOwn(body, name) ? body[name] : limit;
      if (typeof value !== 'number' || !Number.isFinite(value)) throw badRequest(`${name} is not a number.`);
      if (value > limit) throw badRequest(`${name} is at most ${limit} here.`);
      return [name, value];
    }),
  );
}

export function notAllowed(message: string): HttpFault {
  return new HttpFault({ ...rowFault('PolicyViolation', 'a rule of the call'), message });
}
