/** Paths into parsed JSON: how they are written, found and filled. Pure; judges nothing. */
import type { JsonPath } from './policy.ts';

/** What a parsed message is made of; changed in place. */
export type Container = Record<string, unknown> | unknown[];

/** A name, each element of a list, or each member of an object. */
type Step = string | typeof EACH | typeof ANY;

const EACH = Symbol('each element');
const ANY = Symbol('any member');

export interface Path {
  /** As it was written, for people. */
  readonly text: JsonPath;
  readonly steps: readonly Step[];
  readonly hasWildcard: boolean;
}

const NAME = /^[^.[\]*]+$/;
const SEGMENT = /^([^.[\]]*?)((?:\[\*\])*)$/;

/** The path, or undefined when it cannot be read. `''` is the message itself. */
export function parsePath(text: JsonPath): Path | undefined {
  const steps: Step[] = [];
  for (const segment of text === '' ? [] : text.split('.')) {
    const [, name = '', each = ''] = SEGMENT.exec(segment) ?? [];
    if (name === '*') steps.push(ANY);
    else if (NAME.test(name) && name !== '__proto__') steps.push(name);
    else return undefined;
    for (let at = 0; at < each.length; at += 3) steps.push(EACH);
  }
  return { text, steps, hasWildcard: steps.some((step) => typeof step === 'symbol') };
}

/** One place that was found. Stops the search by returning true. */
export type Found = (holder: Container, key: string | number) => boolean;

/** Shows every place of a path. Returns true when one of them stopped the search. */
export function find(value: unknown, path: Path, found: Found): boolean {
  return look({ steps: path.steps, found }, value, 0);
}

interface Search {
  readonly steps: readonly Step[];
  readonly found: Found;
}

function look(search: Search, value: unknown, at: number): boolean {
  const step = search.steps[at];
  if (step === undefined || !isContainer(value)) return false;
  if (Array.isArray(value)) {
    return value.some((element, index) =>
      step === EACH ? reach(search, value, index, at) : look(search, element, at),
    );
  }
  if (step === ANY) return Object.keys(value).some((key) => reach(search, value, key, at));
  return typeof step === 'string' && Object.hasOwn(value, step) && reach(search, value, step, at);
}

function reach(search: Search, holder: Container, key: string | number, at: number): boolean {
  if (at + 1 === search.steps.length) return search.found(holder, key);
  const value = valueAt(holder, key);
  // One thing where a list may stand is a list of one to a lenient reader.
  if (search.steps[at + 1] === EACH && !Array.isArray(value)) return reach(search, holder, key, at + 1);
  return look(search, value, at + 1);
}

/** A member on the way that is named as the path's but for its case, which some readers take for the same. */
export function otherCaseOf(value: unknown, { steps }: Path): string | undefined {
  return otherCaseFrom(value, steps, 0);
}

function otherCaseFrom(value: unknown, steps: readonly Step[], at: number): string | undefined {
  const step = steps[at];
  if (step === undefined || !isContainer(value)) return undefined;
  if (Array.isArray(value))
    return firstOf(value, (one) => otherCaseFrom(one, steps, step === EACH ? at + 1 : at));
  if (step === EACH) return otherCaseFrom(value, steps, at + 1);
  if (step === ANY) return firstOf(Object.values(value), (one) => otherCaseFrom(one, steps, at + 1));
  const other = Object.keys(value).find((key) => key !== step && isCaseOf(key, step));
  return (
    other ?? (Object.hasOwn(value, step) ? otherCaseFrom(valueAt(value, step), steps, at + 1) : undefined)
  );
}

/** Both ways, since some letters that have one capital are two small ones: `ſ` is an `s` to readers that fold. */
const isCaseOf = (name: string, other: string): boolean =>
  name.length === other.length && fold(name) === fold(other);
const fold = (name: string): string => name.toUpperCase().toLowerCase();

function firstOf<Result>(
  values: readonly unknown[],
  toResult: (value: unknown) => Result | undefined,
): Result | undefined {
  for (const value of values) {
    const found = toResult(value);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a path without wildcards leads nowhere; through a list, whether it does in any of its elements. An empty list leads nowhere. */
export function lacks(value: unknown, path: Path): boolean {
  return lacksFrom(value, path.steps, 0);
}

function lacksFrom(value: unknown, steps: readonly Step[], at: number): boolean {
  const step = steps[at];
  if (step === undefined) return value === undefined;
  if (Array.isArray(value))
    return value.length === 0 || value.some((element) => lacksFrom(element, steps, at));
  if (!isContainer(value) || typeof step !== 'string' || !Object.hasOwn(value, step)) return true;
  return lacksFrom(valueAt(value, step), steps, at + 1);
}

/** The value to write, from the one that stands there. */
type Make = (present: unknown) => unknown;

/** Writes a new value at a path without wildcards, and makes the way to it. */
export function write(holder: Container, path: Path, make: Make): void {
  writeFrom(holder, path.steps, 0, make);
}

function writeFrom(holder: Container, steps: readonly Step[], at: number, make: Make): void {
  if (Array.isArray(holder)) {
    for (const element of holder) writeFrom(element as Container, steps, at, make);
    return;
  }
  const name = steps[at] as string;
  if (at + 1 === steps.length) {
    setAt(holder, name, make(Object.hasOwn(holder, name) ? holder[name] : undefined));
    return;
  }
  const next = Object.hasOwn(holder, name) ? holder[name] : undefined;
  if (!leadsOn(next)) setAt(holder, name, {});
  writeFrom(holder[name] as Container, steps, at + 1, make);
}

/** An object, or a list of nothing but objects: a text among them could be the name of stored settings. */
function leadsOn(value: unknown): value is Container {
  if (!Array.isArray(value)) return isContainer(value);
  return value.length > 0 && value.every((element) => isContainer(element) && !Array.isArray(element));
}

export function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

export function valueAt(holder: Container, key: string | number): unknown {
  return (holder as Record<string | number, unknown>)[key];
}

export function setAt(holder: Container, key: string | number, value: unknown): void {
  (holder as Record<string | number, unknown>)[key] = value;
}
