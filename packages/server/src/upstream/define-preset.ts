/** definePreset(): which data makes a preset. Says what is wrong by the name of the field; the endpoints are checked by endpoint-check.ts. */
import { isCredentialFormat, isSubprotocol, mayBeSent, type Slot } from '../contract/index.ts';
import { ConfigError } from '../errors.ts';
import { checkEndpoint, type Fail } from './endpoint-check.ts';
import type { EndpointChoice, Preset } from './preset.ts';
import { isName } from './url-template.ts';

const ID = /^[a-z][a-z0-9-]{0,63}$/;
/** Names of fields with dots between them; nothing that every object has. */
const MESSAGE_PATH = /^(?!.*(?:__proto__|constructor|prototype))[^.\s]+(?:\.[^.\s]+)*$/;

/** Returns the preset unchanged. @throws ConfigError that names the field. */
export function definePreset(preset: Preset): Preset {
  if (typeof preset !== 'object' || preset === null)
    throw new ConfigError('definePreset()', 'is not given an object.');
  if (!ID.test(preset.id)) fail('id', 'is not a name of small letters, digits and hyphens.');
  if (!isText(preset.title)) fail('title', 'is missing. Give a name for people.');
  if (!isRecord(preset.endpoints) || Object.keys(preset.endpoints).length === 0)
    fail('endpoints', 'is empty. Add one.');
  checkVariables(preset);
  for (const [name, endpoint] of Object.entries(preset.endpoints))
    checkEndpoint(endpoint, preset.variables ?? {}, (field, problem) =>
      fail(`endpoints.${name}.${field}`, problem),
    );
  checkChoice(preset.choice, Object.keys(preset.endpoints));
  checkSlots(preset);
  checkSubprotocol(preset);
  checkNumbers(preset);
  return preset;
}

const fail: Fail = (field, problem) => {
  throw new ConfigError(`definePreset().${field}`, problem);
};

function checkVariables({ variables = {} }: Preset): void {
  for (const [name, variable] of Object.entries(variables)) {
    if (variable.by !== 'operator' && variable.by !== 'client')
      fail(`variables.${name}.by`, "is neither 'operator' nor 'client'.");
    const names = [
      ...Object.keys(variable.values ?? {}),
      ...(variable.default === undefined ? [] : [variable.default]),
    ];
    if (!names.every(isName)) fail(`variables.${name}`, 'has a value that is no name.');
    if (
      variable.default !== undefined &&
      variable.values &&
      !Object.hasOwn(variable.values, variable.default)
    )
      fail(`variables.${name}.default`, 'is not among its values.');
    // Dots may stand in a host; what ends it may not.
    if (!Object.values(variable.values ?? {}).every(isName))
      fail(`variables.${name}.values`, 'become what cannot stand in a URL.');
  }
}

function checkChoice(choice: EndpointChoice, known: readonly string[]): void {
  if (!isRecord(choice)) fail('choice', 'is missing. Write it like { otherwise: name }.');
  const { first = [], byQuery, byPath = {}, byParameters = {}, otherwise } = choice;
  const check = (field: string, names: readonly string[]): void => {
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) fail(`choice.${field}`, `names ${String(unknown)}, which is no endpoint.`);
  };
  check('otherwise', [otherwise]);
  check(
    'first',
    first.map(({ endpoint }) => endpoint),
  );
  check('byQuery', Object.values(byQuery?.values ?? {}));
  check('byPath', Object.values(byPath));
  check('byParameters', Object.keys(byParameters));
}

function checkSlots({ upstreamAuth, clientCredential, endpoints }: Preset): void {
  if (!isRecord(upstreamAuth) || (upstreamAuth as Slot).in === 'message')
    fail('upstreamAuth', 'is not a place in a handshake.');
  checkSlot(upstreamAuth, (problem) => fail('upstreamAuth', problem));
  if (!Array.isArray(clientCredential)) fail('clientCredential', 'is not a list of slots.');
  for (const [name, { userToken }] of Object.entries(endpoints))
    for (const slot of userToken?.slots ?? [])
      checkSlot(slot, (problem) => fail(`endpoints.${name}.userToken.slots`, problem));
  for (const [at, slot] of clientCredential.entries())
    checkSlot(slot, (problem) => fail(`clientCredential.${at}`, problem));
}

function checkSlot(slot: Slot, refuse: (problem: string) => never): void {
  switch (slot.in) {
    case 'header':
    case 'query':
      if (!isText(slot.name)) refuse('has no name.');
      if (slot.in === 'header' && (!isSubprotocol(slot.name) || slot.name !== slot.name.toLowerCase()))
        refuse('has a name that is no header in lower case.');
      if (!hasOneMark(slot.format)) refuse('has a format without exactly one {key}.');
      return;
    case 'subprotocol':
      if (slot.values.filter(isCredentialFormat).length !== 1 || !hasOneMark(slot.values.join(',')))
        refuse('has values without exactly one {key}.');
      if (!slot.values.every((value) => isSubprotocol(value.replace('{key}', 'k'))))
        refuse('has a value that is no subprotocol.');
      return;
    case 'message':
      if (!MESSAGE_PATH.test(slot.path)) refuse('has a path that is not names with dots between them.');
      if (slot.when !== 'first' && slot.when !== 'each-start')
        refuse("has a `when` other than 'first' and 'each-start'.");
      return;
    default:
      refuse('is of no kind that there is.');
  }
}

function checkSubprotocol({ subprotocol = {} }: Preset): void {
  const { offer = [], echo = 'plain' } = subprotocol;
  if (!offer.every(isSubprotocol)) fail('subprotocol.offer', 'has a value that is no subprotocol.');
  if (echo === 'plain' || echo === 'any') return;
  if (!isRecord(echo) || !isSubprotocol(echo.literal))
    fail('subprotocol.echo', "is not 'plain', 'any' or { literal }.");
}

function checkNumbers({ closeCodes = {}, limits, refusal, dialect, grade }: Preset): void {
  for (const [name, code] of Object.entries(closeCodes))
    if (!Number.isInteger(code) || !mayBeSent(code))
      fail(`closeCodes.${name}`, 'may not stand in a close frame.');
  if (!isRecord(limits)) fail('limits', 'is missing.');
  for (const name of ['maxMessageBytes', 'handshakeMs'] as const)
    if (!(limits[name] > 0)) fail(`limits.${name}`, 'is not a number above 0.');
  if (refusal !== 'close' && refusal !== 'http') fail('refusal', "is neither 'close' nor 'http'.");
  if (!isText(dialect)) fail('dialect', 'is missing.');
  if (!['verified', 'documentation', 'own'].includes(grade)) fail('grade', 'is no grade that there is.');
}

function hasOneMark(format: unknown): boolean {
  return typeof format === 'string' && format.split('{key}').length === 2;
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() !== '';
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
