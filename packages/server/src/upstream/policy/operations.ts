/** What rules do to one parsed message: each is a function that changes it in place, or says where it breaks a rule. */
import { find, isContainer, setAt, valueAt, write, type Path } from './path.ts';
import type { JsonPath, ModelRule } from './policy.ts';
import type { MessageObject } from './read-message.ts';

/** A broken rule. Neither part holds anything that the client sent. */
export interface Breach {
  readonly path: JsonPath;
  /** Fixed words that go on behind the path. */
  readonly says: string;
  /** Ends the session whatever the policy says of breaches. */
  readonly isFinal?: boolean;
}

/** What an operation may ask of the session. */
export interface JudgedSession {
  /** A parameter of the upstream's query. */
  query(name: string): string | undefined;
  /** Whether the provider has asked the client for this call. */
  isAskedFor(callId: unknown): boolean;
}

export type Operation = (message: MessageObject, session: JudgedSession) => Breach | undefined;

export function deny(path: Path): Operation {
  const breach = { path: path.text, says: 'may not be set here' };
  return (message) => {
    const isThere = find(message, path, (holder, key) => {
      if (valueAt(holder, key) !== null || Array.isArray(holder)) return true;
      delete holder[key];
      return false;
    });
    return isThere ? breach : undefined;
  };
}

export function allowValues(path: Path, values: readonly unknown[]): Operation {
  const breach = { path: path.text, says: 'has a value that is not allowed here' };
  return (message) =>
    find(message, path, (holder, key) => !values.includes(valueAt(holder, key))) ? breach : undefined;
}

/** Names that may stand in an object; `undefined` allows everything below. */
export interface AllowedMembers extends ReadonlyMap<string, AllowedMembers | undefined> {}

export function allowMembers(path: Path, allowed: AllowedMembers): Operation {
  const breach = { path: path.text, says: 'has a member that is not allowed here' };
  return (message) => {
    const isBroken =
      path.steps.length === 0
        ? !hasOnly(message, allowed)
        : find(message, path, (holder, key) => !hasOnly(valueAt(holder, key), allowed));
    return isBroken ? breach : undefined;
  };
}

function hasOnly(value: unknown, allowed: AllowedMembers): boolean {
  if (value === null) return true;
  if (!isContainer(value)) return false;
  if (Array.isArray(value)) return value.every((element) => hasOnly(element, allowed));
  return Object.entries(value).every(([name, part]) => {
    const below = allowed.get(name);
    return below ? hasOnly(part, below) : allowed.has(name);
  });
}

export function pin(path: Path, make: () => unknown): Operation {
  return (message) => {
    write(message, path, make);
    return undefined;
  };
}

export function replace(path: Path, make: () => unknown): Operation {
  return (message) => {
    find(message, path, (holder, key) => {
      setAt(holder, key, make());
      return false;
    });
    return undefined;
  };
}

export function authoriseModel(path: Path, { names, query = [] }: ModelRule): Operation {
  const breach = { path: path.text, says: 'names a model that is not allowed here', isFinal: true };
  return (message, session) => {
    const isForeign = find(message, path, (holder, key) => {
      const model = valueAt(holder, key);
      if (typeof model !== 'string') return true;
      return !(names ? names.includes(model) : query.some((name) => session.query(name) === model));
    });
    return isForeign ? breach : undefined;
  };
}

export function answerOwnCalls(path: Path): Operation {
  const breach = { path: path.text, says: 'answers a call that this client was not asked for' };
  return (message, session) =>
    find(message, path, (holder, key) => !session.isAskedFor(valueAt(holder, key))) ? breach : undefined;
}
