/** Judges a parsed JSON body by a call's rules, and gives back what is to be written anew, so that two parsers cannot disagree about it. */
import type { JsonRules, RequiredByValue } from '../upstream/http-api.ts';
import { compilePolicy, pathOf } from '../upstream/policy/compile.ts';
import { find, lacks, otherCaseOf, valueAt, write, type Path } from '../upstream/policy/path.ts';
import { whyUnfaithful } from '../upstream/policy/read-message.ts';
import { isListed } from '../upstream/query-rules.ts';
import { badRequest, HttpFault, rowFault } from './fault.ts';

type Members = Record<string, unknown>;

/** What to send. @throws HttpFault that names the member which may not be. */
export type JsonJudge = (body: Readonly<Members>) => Members;

/** Rules on messages may ask a session; there is none. */
const NO_SESSION = { query: () => undefined, isAskedFor: () => false };

/** Changes what it judges, or refuses it. */
type Check = (body: Members) => void;

export function createJsonJudge(rules: JsonRules): JsonJudge {
  const { only = {}, deny = [], values = {}, pin = {} } = rules;
  const operations = compilePolicy({ rules: [{ types: '*', only, deny, values, pin }] }).operationsFor(
    undefined,
  );
  const checks = checksOf(rules);
  const paths = pathsOf(rules);
  return (body) => {
    const copy = { ...body };
    const unfaithful = whyUnfaithful(copy, JSON.stringify(copy));
    if (unfaithful !== undefined) throw badRequest(`The body ${unfaithful}.`);
    for (const path of paths) {
      const other = otherCaseOf(copy, path);
      if (other !== undefined)
        throw badRequest(
          `The body has ${other}, which differs by its case alone from what ${path.text} names.`,
        );
    }
    for (const operation of operations) {
      const breach = operation(copy, NO_SESSION);
      if (breach) throw notAllowed(`${breach.path || 'The body'} ${breach.says}.`);
    }
    for (const check of checks) check(copy);
    return copy;
  };
}

/** Places of which nothing may stand in another case: the parsers of some languages would take it for the same, and the last one for good. */
function pathsOf(rules: JsonRules): Path[] {
  const {
    only = {},
    deny = [],
    values = {},
    pin = {},
    listed = {},
    required = [],
    requiredBy = {},
    most = {},
  } = rules;
  const keyed = [only, values, pin, listed, requiredBy, most].flatMap((record) => Object.keys(record));
  return [...new Set([...keyed, ...deny, ...required])].map(pathOf);
}

function checksOf({ required = [], requiredBy = {}, listed = {}, most = {} }: JsonRules): Check[] {
  return [
    ...required.map((path) => needing(pathOf(path))),
    ...Object.entries(requiredBy).map(([path, table]) => needingByValue(pathOf(path), table)),
    ...Object.entries(listed).map(([path, list]) => listing(pathOf(path), list)),
    ...Object.entries(most).map(([path, limit]) => limiting(pathOf(path), limit)),
  ];
}

function needing(path: Path): Check {
  return (body) => {
    if (lacks(body, path)) throw badRequest(`The body has no ${path.text}.`);
  };
}

function needingByValue(path: Path, table: RequiredByValue): Check {
  const checks = new Map<unknown, readonly Check[]>(
    Object.entries(table).map(([value, places]) => [value, places.map((place) => needing(pathOf(place)))]),
  );
  const hasToBeThere = needing(path);
  return (body) => {
    hasToBeThere(body);
    find(body, path, (holder, key) => {
      const due = checks.get(valueAt(holder, key));
      if (!due) throw notAllowed(`This ${path.text} is not allowed here.`);
      for (const check of due) check(body);
      return false;
    });
  };
}

function listing(path: Path, list: readonly string[]): Check {
  const isForeign = (value: unknown): boolean => typeof value !== 'string' || !isListed(list, value);
  return (body) => {
    if (find(body, path, (holder, key) => isForeign(valueAt(holder, key))))
      throw notAllowed(`This ${path.text} is not allowed here.`);
  };
}

function limiting(path: Path, limit: number): Check {
  const judge = (value: unknown): void => {
    if (typeof value !== 'number') throw badRequest(`${path.text} is not a number.`);
    if (value > limit) throw badRequest(`${path.text} is at most ${limit} here.`);
    // To some servers a negative one is no limit at all.
    if (value < 0) throw badRequest(`${path.text} is negative.`);
  };
  return (body) => {
    find(body, path, (holder, key) => {
      judge(valueAt(holder, key));
      return false;
    });
    if (lacks(body, path)) write(body, path, (present) => present ?? limit);
  };
}

export function notAllowed(message: string): HttpFault {
  return new HttpFault({ ...rowFault('PolicyViolation', 'a rule of the call'), message });
}
