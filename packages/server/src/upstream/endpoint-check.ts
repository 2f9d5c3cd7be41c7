/** Whether one endpoint of a preset makes sense: its URL, query rules, headers and facts. */
import { isSubprotocol } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import type { Endpoint, QueryRules, UrlVariable } from './preset.ts';
import { isOwnHeader } from './request-head.ts';
import { checkUpstreamUrl } from './upstream-url.ts';
import { fillVariable, variablesIn } from './url-template.ts';

/** Throws a ConfigError that names the field. */
export type Fail = (field: string, problem: string) => never;

type Variables = Readonly<Record<string, UrlVariable>>;

const NATIVE_PATH = /^(?:\/(?:[A-Za-z0-9._~-]+|\{[A-Za-z][A-Za-z0-9_]*\}))+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** `fail` throws a ConfigError that names the field of this endpoint. */
export function checkEndpoint(endpoint: Endpoint, variables: Variables, fail: Fail): void {
  checkUrl(endpoint.url, variables, fail);
  checkQuery(endpoint.query, fail);
  for (const [name, value] of Object.entries(endpoint.headers ?? {}))
    if (!isSubprotocol(name) || isOwnHeader(name) || !HEADER_VALUE.test(value))
      fail(`headers.${name}`, 'cannot be sent with an upgrade.');
  checkFacts(endpoint, variables, fail);
}

function checkUrl(template: unknown, variables: Variables, fail: Fail): void {
  if (typeof template !== 'string') return fail('url', 'is missing.');
  const names = variablesIn(template);
  const unknown = names.find((name) => !Object.hasOwn(variables, name));
  if (unknown !== undefined) fail('url', `has {${unknown}}, which is no variable of the preset.`);
  const authority = /^[a-z]+:\/\/([^/]*)/i.exec(template)?.[1] ?? template;
  if (variablesIn(authority).some((name) => variables[name]?.by !== 'operator'))
    fail('url', 'builds a host from what a client says.');
  const filled = names.reduce((url, name) => fillVariable(url, name, 'x'), template);
  if (/[{}]/.test(filled)) fail('url', 'has a brace that belongs to no variable.');
  try {
    checkUpstreamUrl('url', filled);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    fail('url', error.message.slice('url: '.length));
  }
}

function checkQuery(rules: QueryRules, fail: Fail): void {
  if (typeof rules !== 'object' || rules === null) return fail('query', 'is missing. Write {} for no rules.');
  for (const [name, pattern] of Object.entries(rules.allow ?? {}))
    if (!isPattern(pattern)) fail(`query.allow.${name}`, 'is not a pattern.');
  const { rename = {}, pin = {}, deny = [], only } = rules;
  for (const [name, other] of Object.entries(rename))
    if (typeof other !== 'string' || other === '') fail(`query.rename.${name}`, 'is not a name.');
  // One of the two rules would never speak.
  const both = deny.find((name) => Object.hasOwn(pin, name) || only?.includes(name) === true);
  if (both !== undefined) fail(`query.deny`, `has ${both}, which another rule lets pass.`);
}

function checkFacts({ facts }: Endpoint, variables: Variables, fail: Fail): void {
  if (typeof facts !== 'object' || facts === null) return fail('facts', 'is missing.');
  for (const path of facts.nativePaths) {
    if (!NATIVE_PATH.test(path)) fail('facts.nativePaths', `has ${path}, which is not a path.`);
    if (variablesIn(path).some((name) => variables[name]?.by !== 'client'))
      fail('facts.nativePaths', `has ${path}, with a variable that is not the client's.`);
  }
  const { keepalive } = facts;
  if (keepalive && !(keepalive.everyMs > 0 && keepalive.everyMs < keepalive.upstreamIdleMs))
    fail('facts.keepalive.everyMs', 'is not above 0 and below upstreamIdleMs.');
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`) instanceof RegExp;
  } catch {
    return false;
  }
}
