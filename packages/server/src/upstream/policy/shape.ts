/** Small checks of values that JavaScript callers write, put together into the check of a policy. Each throws at the first mistake. */
import { ConfigError } from '../../errors.ts';

/** `at` names the option. @throws ConfigError */
export type Check = (value: unknown, at: string) => void;

export function is(mayBe: (value: unknown) => boolean, problem: string): Check {
  return (value, at) => {
    if (!mayBe(value)) throw new ConfigError(at, problem);
  };
}

export const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

export const text = is(isText, 'is not a text. Write it in quotes.');

export function oneOf(...values: readonly string[]): Check {
  const choice = values.map((value) => `'${value}'`).join(' nor ');
  return is((value) => values.includes(value as string), `is neither ${choice}.`);
}

export function listOf(check: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) throw new ConfigError(at, "is not a list. Write it like ['a', 'b'].");
    for (const [index, part] of value.entries()) check(part, `${at}[${index}]`);
  };
}

/** An object from names of one kind to values of another. */
export function recordOf(name: Check, check: Check): Check {
  return (value, at) => {
    for (const [key, part] of Object.entries(toObject(value, at))) {
      name(key, `${at}[${JSON.stringify(key)}]`);
      check(part, `${at}[${JSON.stringify(key)}]`);
    }
  };
}

/** An object with these members and no others, since a misspelt rule would let everything pass. */
export function shapeOf(checks: Readonly<Record<string, Check>>, required: readonly string[] = []): Check {
  const names = Object.keys(checks).join(', ');
  return (value, at) => {
    const object = toObject(value, at);
    for (const [name, part] of Object.entries(object)) {
      const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
      if (!check) throw new ConfigError(`${at}.${name}`, `is not an option; known are ${names}.`);
      if (part !== undefined) check(part, `${at}.${name}`);
    }
    const missing = required.find((name) => object[name] === undefined);
    if (missing !== undefined) throw new ConfigError(`${at}.${missing}`, 'is missing. Write it out.');
  };
}

function toObject(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ConfigError(at, 'is not an object. Write it like { name: value }.');
  return value as Record<string, unknown>;
}
