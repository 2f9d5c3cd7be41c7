/** Which data makes a REST API. Says what is wrong by the name of the option. */
import { isSubprotocol } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import { checkPolicy } from './policy/check-policy.ts';
import type { ApiCall, HttpApi } from './http-api.ts';
import { isOwnHeader } from './request-head.ts';

const PATH = /^(?:\/(?:[A-Za-z0-9._~-]+|\{[A-Za-z][A-Za-z0-9_]*\}))+$/;
/** A path that the URL parser would change. */
const DOTS = /\/\.{1,2}(?:\/|$)/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;
const MEDIA_TYPE = /^[a-z0-9.+-]+\/(?:\*|[a-z0-9.+-]+)$/;

/** Headers that are this server's own, or that change how a body is read. */
const OWN: readonly string[] = [
  'accept-encoding',
  'authorization',
  'content-encoding',
  'content-type',
  'cookie',
];

/** Returns the API unchanged. @throws ConfigError that names the option of `name` which cannot work. */
export function checkHttpApi(name: string, api: HttpApi): HttpApi {
  const { upstreamAuth, clientCredential, headers = {}, defaultHeaders = {} } = api;
  const slots = [['upstreamAuth', upstreamAuth] as const, ...entriesOf('clientCredential', clientCredential)];
  for (const [option, slot] of slots) {
    if (slot.in === 'subprotocol')
      throw new ConfigError(`${name}.${option}`, 'is no place in a request over HTTP.');
    if (!isSubprotocol(slot.name) || slot.format.split('{key}').length !== 2)
      throw new ConfigError(`${name}.${option}`, 'has no name, or a format without exactly one {key}.');
  }
  for (const [header, value] of Object.entries({ ...headers, ...defaultHeaders }))
    if (!mayPass(header) || !HEADER_VALUE.test(value))
      throw new ConfigError(`${name}.headers.${header}`, 'cannot be sent.');
  const passing = [...(api.requestHeaders ?? []), ...(api.answerHeaders ?? [])];
  const wrong = passing.find((header) => !mayPass(header) || header === upstreamAuth.name);
  if (wrong !== undefined)
    throw new ConfigError(`${name}.requestHeaders`, `has ${wrong}, which never passes.`);
  if (Object.keys(api.calls).length === 0) throw new ConfigError(`${name}.calls`, 'is empty. Add one.');
  for (const [at, call] of Object.entries(api.calls)) checkCall(`${name}.calls[${at}]`, call);
  return api;
}

function entriesOf<T>(option: string, list: readonly T[]): (readonly [string, T])[] {
  return list.map((one, at) => [`${option}[${at}]`, one] as const);
}

function mayPass(header: string): boolean {
  const isLower = header === header.toLowerCase();
  return isSubprotocol(header) && isLower && !isOwnHeader(header) && !OWN.includes(header);
}

function checkCall(option: string, { method, path, body, answers, limits }: ApiCall): void {
  if (method !== 'GET' && method !== 'POST')
    throw new ConfigError(`${option}.method`, 'is neither GET nor POST.');
  if (typeof path !== 'string' || !PATH.test(path) || DOTS.test(path))
    throw new ConfigError(`${option}.path`, 'is not a path. Write it like /v1/voices/{voice}.');
  if (method === 'GET' && body) throw new ConfigError(`${option}.body`, 'is there, but GET has none.');
  const types = [...answers, ...(body?.kind === 'stream' ? body.types : [])];
  if (answers.length === 0 || !types.every((type) => MEDIA_TYPE.test(type)))
    throw new ConfigError(`${option}.answers`, "or the body's types are no media types in lower case.");
  const numbers = [limits.answerMs, limits.totalMs, limits.maxBytes, body?.maxBytes ?? 1];
  if (!numbers.every((number) => number > 0 && number < Infinity))
    throw new ConfigError(option, 'has a limit that is not a number above 0.');
  if (body?.kind !== 'json') return;
  const { only = {}, deny = [], values = {}, pin = {} } = body.rules;
  checkPolicy(`${option}.body.rules`, { rules: [{ types: '*', only, deny, values, pin }] });
}
