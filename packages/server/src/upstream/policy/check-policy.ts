/** Refuses a policy that cannot work, before a session depends on it. */
import { ConfigError } from '../../errors.ts';
import { withoutEmpty } from './empty-object.ts';
import { parsePath } from './path.ts';
import type { MessagePolicy } from './policy.ts';
import { isServerValue } from './server-value.ts';
import { is, isText, listOf, oneOf, recordOf, shapeOf, text, type Check } from './shape.ts';

const isPath = (value: unknown): boolean => isText(value) && parsePath(value) !== undefined;

const path = is(isPath, 'is not a path. Write it like session.tools[*].server_url.');
const pathOrWhole = is((value) => value === '' || isPath(value), "is not a path, nor '' for the message.");
const plainPath = is(
  (value) => isPath(value) && !parsePath(value as string)?.hasWildcard,
  'is not a path without wildcards. Where lists differ in length, pin the whole list.',
);
const memberPath = is(
  (value) => typeof value === 'string' && isPath(withoutEmpty(value)) && !value.includes('*'),
  'is not a path of names. Write it like agent.language, or tts.{} for an empty object.',
);
const json = is(
  (value) => isServerValue(value, false),
  'is not JSON. A secret may stand below inject or locked only.',
);
const serverValue = is((value) => isServerValue(value, true), 'is neither JSON nor a Secret.');
const plain = is(
  (value) => isServerValue(value, false) && (typeof value !== 'object' || value === null),
  'is not a text, number, true, false or null.',
);
const flag = is((value) => typeof value === 'boolean', 'is neither true nor false.');
const texts = listOf(text);
const paths = listOf(path);
const reaction = oneOf('tell', 'close');

const types: Check = (value, at) => {
  if (value !== '*') texts(value, at);
};

const places = listOf(shapeOf({ types: texts, path, always: flag }, ['types', 'path']));

const SHAPE = shapeOf({
  typeMember: text,
  untyped: texts,
  onlyText: flag,
  types: texts,
  onOtherType: reaction,
  onBreach: reaction,
  opensWith: texts,
  openingAnswers: shapeOf({ taken: texts, refused: texts }, ['taken', 'refused']),
  rules: listOf(
    shapeOf(
      {
        types,
        deny: paths,
        values: recordOf(path, listOf(plain)),
        only: recordOf(pathOrWhole, listOf(memberPath)),
        pin: recordOf(plainPath, json),
        replace: recordOf(path, json),
        inject: recordOf(plainPath, serverValue),
      },
      ['types'],
    ),
  ),
  fields: recordOf(text, shapeOf({ sent: places, echoed: places }, ['sent'])),
  locked: recordOf(text, serverValue),
  model: shapeOf({ places, names: texts, query: texts }, ['places']),
  toolCalls: shapeOf(
    { asked: shapeOf({ types: texts, at: pathOrWhole, id: text, name: text }), answered: places },
    ['asked', 'answered'],
  ),
  clientTools: texts,
  blank: places,
  redactKeys: flag,
});

/** Returns the policy unchanged. @throws ConfigError naming what of `option` cannot work. */
export function checkPolicy(option: string, policy: MessagePolicy): MessagePolicy {
  SHAPE(policy, option);
  checkLocked(option, policy);
  for (const [name, field] of Object.entries(policy.fields ?? {}))
    for (const [index, place] of field.sent.entries())
      if (place.always) plainPath(place.path, `${option}.fields.${name}.sent[${index}].path`);
  if (policy.clientTools && !policy.toolCalls)
    throw new ConfigError(`${option}.toolCalls`, 'is missing, and clientTools cannot be told without it.');
  if (policy.model && !policy.model.names && !policy.model.query)
    throw new ConfigError(
      `${option}.model`,
      'has neither names nor query. List the models, or say where one is.',
    );
  return policy;
}

/** A lock on a field that does not exist would lock nothing. */
function checkLocked(option: string, { fields = {}, locked = {} }: MessagePolicy): void {
  const unknown = Object.keys(locked).find((name) => !Object.hasOwn(fields, name));
  if (unknown === undefined) return;
  const known = Object.keys(fields).join(', ') || 'none, since the policy has no fields';
  throw new ConfigError(`${option}.locked.${unknown}`, `is not a field of this policy; known are ${known}.`);
}
