/** Judges a parsed JSON body by a call's rules, and writes anew what was judged, so that two parsers cannot disagree about it. */
import type { JsonRules } from '../upstream/http-api.ts';
import { compilePolicy, pathOf } from '../upstream/policy/compile.ts';
import { write } from '../upstream/policy/path.ts';
import { whyUnfaithful } from '../upstream/policy/read-message.ts';
import { isListed } from '../upstream/query-rules.ts';
import { badRequest, HttpFault, rowFault } from './fault.ts';

/** The bytes to send. @throws HttpFault that names the member which may not be. */
export type JsonJudge = (body: Readonly<Record<string, unknown>>) => Buffer;

type Members = Readonly<Record<string, unknown>>;

/** Rules on messages may ask a session; there is none. */
const NO_SESSION = { query: () => undefined, isAskedFor: () => false };

export function createJsonJudge(rules: JsonRules): JsonJudge {
  const { only = {}, deny = [], values = {}, pin = {} } = rules;
  const operations = compilePolicy({ rules: [{ types: '*', only, deny, values, pin }] }).operationsFor(
    undefined,
  );
  return (body) => {
    const copy = { ...body };
    const unfaithful = whyUnfaithful(copy, JSON.stringify(copy));
    if (unfaithful !== undefined) throw badRequest(`The body ${unfaithful}.`);
    for (const operation of operations) {
      const breach = operation(copy, NO_SESSION);
      if (breach) throw notAllowed(`${breach.path || 'The body'} ${breach.says}.`);
    }
    checkListed(rules, copy);
    keepBelow(rules, copy);
    return Buffer.from(JSON.stringify(copy));
  };
}

function checkListed({ listed = {}, required = [] }: JsonRules, body: Members): void {
  for (const path of required)
    if (valueAt(body, path) === undefined) throw badRequest(`The body has no ${path}.`);
  for (const [path, list] of Object.entries(listed)) {
    const value = valueAt(body, path);
    if (value === undefined) continue;
    if (typeof value !== 'string' || !isListed(list, value))
      throw notAllowed(`This ${path} is not allowed here.`);
  }
}

/** Undefined where it is not there, or where what it would stand in is no object. */
function valueAt(body: Members, path: string): unknown {
  return path.split('.').reduce<unknown>((holder, name) => {
    const isHolder = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, name);
    return isHolder ? (holder as Members)[name] : undefined;
  }, body);
}

function keepBelow({ most = {} }: JsonRules, body: Record<string, unknown>): void {
  for (const [path, limit] of Object.entries(most)) {
    const value = valueAt(body, path);
    if (value === undefined) write(body, pathOf(path), () => limit);
    else if (typeof value !== 'number') throw badRequest(`${path} is not a number.`);
    else if (value > limit) throw badRequest(`${path} is at most ${limit} here.`);
  }
}

export function notAllowed(message: string): HttpFault {
  return new HttpFault({ ...rowFault('PolicyViolation', 'a rule of the call'), message });
}
