/** Which data makes a REST API. Says what is wrong by the name of the option. */
import { isSubprotocol } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import { checkPolicy } from './policy/check-policy.ts';
import type { ApiCall, ApiForm, HttpApi, JsonRules } from './http-api.ts';
import { isOwnHeader } from './request-head.ts';
import { variablesIn } from './url-template.ts';

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
  'expect',
  'forwarded',
  'proxy-authorization',
];

const OWN_ANSWER: readonly string[] = ['cache-control', 'retry-after', 'set-cookie', 'vary', 'x-request-id'];

/** What proxies in front tell of clients, and what signs a request to this server. */
const TOLD = /^x-(?:forwarded|voxproxy)-/;

/** Returns the API unchanged. @throws ConfigError that names the option of `name` which cannot work. */
export function checkHttpApi(name: string, api: HttpApi): HttpApi {
  const { upstreamAuth, clientCredential, headers = {}, defaultHeaders = {} } = api;
  const slots = [['upstreamAuth', upstreamAuth] as const, ...entriesOf('clientCredential', clientCredential)];
  for (const [option, slot] of slots) {
    if (slot.in === 'subprotocol')
      throw new ConfigError(`${name}.${option}`, 'is no place in a request over HTTP.');
    const isLower = slot.in !== 'header' || slot.name === slot.name.toLowerCase();
    if (!isSubprotocol(slot.name) || !isLower || slot.format.split('{key}').length !== 2)
      throw new ConfigError(
        `${name}.${option}`,
        'has no name in lower case, or a format without exactly one {key}.',
      );
  }
  for (const [header, value] of Object.entries({ ...headers, ...defaultHeaders }))
    if (!mayPass(header) || !HEADER_VALUE.test(value))
      throw new ConfigError(`${name}.headers.${header}`, 'cannot be sent.');
  const secret = slots.map(([, slot]) => (slot.in === 'header' ? slot.name : ''));
  const passing = [
    ...(api.requestHeaders ?? []),
    ...Object.keys(defaultHeaders),
    ...(api.answerHeaders ?? []),
  ];
  const wrong = passing.find((header) => !mayPass(header) || secret.includes(header));
  if (wrong !== undefined)
    throw new ConfigError(`${name}.requestHeaders`, `has ${wrong}, which never passes.`);
  const taken = api.answerHeaders?.find(isOwnAnswerHeader);
  if (taken !== undefined)
    throw new ConfigError(`${name}.answerHeaders`, `has ${taken}, which this server writes itself.`);
  if (Object.keys(api.calls).length === 0) throw new ConfigError(`${name}.calls`, 'is empty. Add one.');
  for (const [at, call] of Object.entries(api.calls)) checkCall(`${name}.calls[${at}]`, call);
  return api;
}

/** What is said about an answer by whoever gives it: its id, who may read and keep it. */
function isOwnAnswerHeader(header: string): boolean {
  return OWN_ANSWER.includes(header) || header.startsWith('access-control-');
}

function entriesOf<T>(option: string, list: readonly T[]): (readonly [string, T])[] {
  return list.map((one, at) => [`${option}[${at}]`, one] as const);
}

function mayPass(header: string): boolean {
  const isLower = header === header.toLowerCase();
  return (
    isSubprotocol(header) && isLower && !isOwnHeader(header) && !OWN.includes(header) && !TOLD.test(header)
  );
}

function checkCall(option: string, call: ApiCall): void {
  const { method, path, body, form, answers, limits, listed = {} } = call;
  if (method !== 'GET' && method !== 'POST')
    throw new ConfigError(`${option}.method`, 'is neither GET nor POST.');
  if (typeof path !== 'string' || !PATH.test(path) || DOTS.test(path))
    throw new ConfigError(`${option}.path`, 'is not a path. Write it like /v1/voices/{voice}.');
  const unknown = Object.keys(listed).find((variable) => !variablesIn(path).includes(variable));
  if (unknown !== undefined)
    throw new ConfigError(`${option}.listed.${unknown}`, 'is no variable of the path.');
  if (method === 'GET' && body) throw new ConfigError(`${option}.body`, 'is there, but GET has none.');
  const types = [...answers, ...(body?.kind === 'stream' ? body.types : [])];
  if (answers.length === 0 || !types.every((type) => MEDIA_TYPE.test(type)))
    throw new ConfigError(`${option}.answers`, "or the body's types are no media types in lower case.");
  const numbers = [limits.answerMs, limits.totalMs, limits.maxBytes, body?.maxBytes ?? 1];
  if (!numbers.every((number) => number > 0 && number < Infinity))
    throw new ConfigError(option, 'has a limit that is not a number above 0.');
  if (body?.kind === 'json') checkRules(`${option}.body.rules`, body.rules);
  if (form) checkForm(`${option}.form`, form, body);
}

function checkForm(option: string, { fields, rules, maxBytes }: ApiForm, body: ApiCall['body']): void {
  if (body?.kind !== 'stream')
    throw new ConfigError(option, 'stands beside no body of the kind stream, which it could replace.');
  if (!(maxBytes > 0 && maxBytes < Infinity))
    throw new ConfigError(`${option}.maxBytes`, 'is not a number above 0.');
  const wrong = Object.entries(fields).find(([name, type]) => !isSubprotocol(name) || !MEDIA_TYPE.test(type));
  if (wrong)
    throw new ConfigError(
      `${option}.fields.${wrong[0]}`,
      'has no plain name, or no media type in lower case.',
    );
  checkRules(`${option}.rules`, rules);
}

function checkRules(option: string, rules: JsonRules): void {
  const { only = {}, deny = [], values = {}, pin = {} } = rules;
  const single = singlePlaces(rules);
  const plural = single.find((place) => /[[*]/.test(place));
  if (plural !== undefined)
    throw new ConfigError(option, `names ${plural}, but there may be one place only.`);
  checkPolicy(option, { rules: [{ types: '*', only, deny, values, pin }] });
}

/** Those that are one place each. */
function singlePlaces({ listed = {}, required = [], requiredBy = {}, most = {} }: JsonRules): string[] {
  const byValue = Object.values(requiredBy).flatMap((table) => Object.values(table).flat());
  return [...Object.keys(listed), ...required, ...Object.keys(requiredBy), ...byValue, ...Object.keys(most)];
}
