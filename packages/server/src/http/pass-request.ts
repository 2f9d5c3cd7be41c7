/** What of a client's request goes to the provider: the filled path, the query, the headers. Anything that is not allowed is left out or refused. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ApiCall, HttpApi } from '../upstream/http-api.ts';
import type { QueryRules } from '../upstream/preset.ts';
import { applyQueryRules, isListed } from '../upstream/query-rules.ts';
import { fillVariable, isName, variablesIn } from '../upstream/url-template.ts';
import { badRequest, HttpFault, unsupportedType } from './fault.ts';
import type { Exchange } from './http-route.ts';
import { notAllowed } from './json-judge.ts';
import { isOneOf } from './media-match.ts';
import { hasPlainEncoding, typeOf } from './media-type.ts';

/** As a header may hold it: nothing that ends a line, nothing that is not ASCII. */
const HEADER_VALUE = /^[\t\x20-\x7e]{1,1024}$/;

/** The call's path with the client's names in it. @throws HttpFault for what is no name, or not one of the list. */
export function fillPath({ path, listed = {} }: ApiCall, values: Exchange['values']): string {
  return variablesIn(path).reduce((filled, name) => {
    const value = Object.hasOwn(values, name) ? (values[name] ?? '') : '';
    if (!isName(value)) throw notThere();
    const list = Object.hasOwn(listed, name) ? listed[name] : undefined;
    if (list && !isListed(list, value)) throw notAllowed(`This ${name} is not allowed here.`);
    return fillVariable(filled, name, value);
  }, path);
}

function notThere(): HttpFault {
  const message = 'There is nothing at this path.';
  return new HttpFault({ status: 404, error: 'not_found', message, why: 'a name that is none' });
}

/** With its question mark. @throws HttpFault that names the parameter which may not be, or is missing. */
export function toSearch(rules: QueryRules, query: Exchange['query']): string {
  const verdict = applyQueryRules(rules, query);
  if ('denied' in verdict) throw notAllowed('The query has a parameter that is not allowed here.');
  if ('missing' in verdict) throw badRequest(`The query has to have ${verdict.missing}, once.`);
  return verdict.pairs.length === 0 ? '' : `?${verdict.pairs.join('&')}`;
}

/** Without those of the key and of the body. */
export function passedHeaders(api: HttpApi, headers: IncomingHttpHeaders): Record<string, string> {
  const { defaultHeaders = {}, requestHeaders = [], headers: fixed = {} } = api;
  const names = [...requestHeaders, ...Object.keys(defaultHeaders)];
  const sent = names.flatMap((name) => {
    const value = headers[name]?.toString();
    return value !== undefined && HEADER_VALUE.test(value) ? [[name, value] as const] : [];
  });
  return { ...defaultHeaders, ...Object.fromEntries(sent), ...fixed };
}

/** The header to send for a body that is passed as it comes. @throws HttpFault for a type that the call does not take. */
export function passedType(types: readonly string[], headers: IncomingHttpHeaders): string {
  const header = headers['content-type'];
  if (header === undefined && types[0] !== undefined && !types[0].endsWith('*')) return types[0];
  const isTaken =
    header !== undefined &&
    HEADER_VALUE.test(header) &&
    // A list of types would be read as one of them by one parser, and as another by the next.
    !header.includes(',') &&
    isOneOf(types, typeOf(header).type) &&
    hasPlainEncoding(headers);
  if (!isTaken) throw unsupportedType(types.join(' or '));
  return header;
}

/** Of a body that is passed as it comes, where the client declares it. */
export function passedLength({ 'content-length': length }: IncomingHttpHeaders): Record<string, string> {
  return length !== undefined && /^\d{1,15}$/.test(length) ? { 'content-length': length } : {};
}
