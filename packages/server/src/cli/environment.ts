/** Reads single variables of an environment, and tells what is wrong with them by their names. */
import { ConfigError } from '../index.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Set but empty counts as not set: that is what a copied .env.example holds. */
export function textOf(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim();
  return text === '' ? undefined : text;
}

export function required(env: Environment, name: string, what: string): string {
  const text = textOf(env, name);
  if (text === undefined) {
    throw new ConfigError(name, `is not set. Put ${what} into .env or the environment: ${name}=...`);
  }
  return text;
}

/** Errors of an option are told by the name of the variable that it came from. */
export function named<T>(name: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new ConfigError(name, error.message.slice(error.option.length + 2));
  }
}

/** Undefined when it is not set. */
export function numberOf(env: Environment, name: string): number | undefined {
  const text = textOf(env, name);
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ConfigError(name, 'is not a whole number. Write it in digits.');
}

/** The entries of a list with commas; undefined when it is not set. */
export function listOf(env: Environment, name: string): string[] | undefined {
  return textOf(env, name)
    ?.split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

export function hasAny(env: Environment, names: readonly string[]): boolean {
  return names.some((name) => textOf(env, name) !== undefined);
}

/** Undefined when it is not set. */
export function choiceOf(env: Environment, name: string): boolean | undefined {
  const text = textOf(env, name);
  if (text === undefined || text === 'true' || text === 'false')
    return text === undefined ? undefined : text === 'true';
  throw new ConfigError(name, 'is neither true nor false. Leave it out for the default.');
}

/** False when it is not set. */
export function flagOf(env: Environment, name: string): boolean {
  return choiceOf(env, name) ?? false;
}

export interface Steps<Options, Made> {
  /** @throws ConfigError that names the variable when this option cannot work. */
  add(name: string, more: Partial<Options>): void;
  made(): Made;
}

/** One option more each time, so that an error has the name of the variable that it came from. */
export function createSteps<Options extends object, Made>(
  make: (options: Options) => Made,
  first: NoInfer<Options>,
): Steps<Options, Made> {
  let options = first;
  return {
    add(name, more) {
      options = { ...options, ...more };
      named(name, () => make(options));
    },
    made: () => make(options),
  };
}
