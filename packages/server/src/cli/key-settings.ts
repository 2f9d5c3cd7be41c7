/** A provider's key: in its own variable, or in a file that a second one names. */
import { readFileSync } from 'node:fs';
import { ConfigError, secretFile, type ProviderKey } from '../index.ts';
import { hasAny, required, textOf, type Environment, type Steps } from './environment.ts';

const fileVariable = (name: string): string => `${name}_FILE`;

export function hasKey(env: Environment, name: string): boolean {
  return hasAny(env, [name, fileVariable(name)]);
}

/**
 * Adds the key, or the file that it is read from again and again; nothing when neither is set and `what` is not said, which is how an error calls
 * it. @throws ConfigError that names the variable, also when what is in the file cannot be a key.
 */
export function addKey(
  steps: Steps<{ apiKey?: ProviderKey | undefined }, unknown>,
  env: Environment,
  { name, what }: { readonly name: string; readonly what?: string },
): void {
  const [key, file] = [textOf(env, name), textOf(env, fileVariable(name))];
  if (file === undefined) {
    steps.add(name, { apiKey: what === undefined ? key : required(env, name, what) });
    return;
  }
  if (key !== undefined)
    throw new ConfigError(fileVariable(name), `is set, and so is ${name}. Set one of them.`);
  steps.add(fileVariable(name), { apiKey: keysIn(fileVariable(name), file) });
  steps.add(fileVariable(name), { apiKey: secretFile(file) });
}

function keysIn(variable: string, file: string): string[] {
  try {
    return readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.trim() !== '');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      variable,
      `cannot be read (${code}). Give the path of a file with one key on each line.`,
    );
  }
}
