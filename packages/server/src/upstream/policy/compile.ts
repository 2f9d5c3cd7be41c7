/** From a policy to what is done to each message, worked out once for a route. Judges no message. */
import type { Secret } from '../secret.ts';
import { compileEchoes, type EchoRules } from './echoes.ts';
import { EMPTY_OBJECT } from './empty-object.ts';
import type { OpeningRule } from './opening.ts';
import * as operations from './operations.ts';
import type { AllowedMembers, Operation } from './operations.ts';
import { parsePath, type Path } from './path.ts';
import type { JsonPath, MessagePolicy, MessageRule, Place } from './policy.ts';
import { secretsIn, toMaker } from './server-value.ts';

export interface CompiledPolicy {
  readonly policy: MessagePolicy;
  /** Whether messages of clients have to be opened. */
  readonly judgesClient: boolean;
  /** What is done to a message of a type, in order. */
  operationsFor(type: string | undefined): readonly Operation[];
  /** Whether the policy names this type. */
  isKnown(type: string): boolean;
  /** How a session has to open; undefined where it need not. */
  readonly opening: OpeningRule | undefined;
  readonly echoes: EchoRules;
  /** What the policy itself writes into messages. */
  readonly secrets: readonly Secret[];
}

interface Entry {
  readonly types: readonly string[] | '*';
  readonly operation: Operation;
}

/** `policy` has been checked. */
export function compilePolicy(policy: MessagePolicy): CompiledPolicy {
  const { rules = [], locked = {} } = policy;
  const entries = [
    ...modelEntries(policy),
    ...rules.flatMap(toChecks),
    ...answerEntries(policy),
    ...rules.flatMap(toChanges),
    ...toLocks(policy),
    ...rules.flatMap(toInjections),
  ];
  const known = new Set(entries.flatMap(({ types }) => (types === '*' ? [] : types)));
  const byType = new Map([...known].map((type) => [type, operationsOf(entries, type)]));
  const others = operationsOf(entries, undefined);
  return {
    policy,
    judgesClient: entries.length > 0 || policy.types !== undefined,
    operationsFor: (type) => (type === undefined ? others : (byType.get(type) ?? others)),
    isKnown: (type) => byType.has(type) || policy.types?.includes(type) === true,
    opening: openingOf(policy),
    echoes: compileEchoes(policy),
    secrets: [...rules.flatMap(({ inject }) => secretsIn(inject)), ...secretsIn(locked)],
  };
}

/** Where nothing is locked nothing is lost with the message. */
function openingOf({ opensWith, openingAnswers, locked = {} }: MessagePolicy): OpeningRule | undefined {
  if (!opensWith || Object.keys(locked).length === 0) return undefined;
  return { types: opensWith, answers: openingAnswers };
}

function operationsOf(entries: readonly Entry[], type: string | undefined): Operation[] {
  const concerns = ({ types }: Entry): boolean =>
    types === '*' || (type !== undefined && types.includes(type));
  return entries.filter(concerns).map(({ operation }) => operation);
}

/** A locked model is not the client's choice, whatever it says. */
function modelEntries({ model, locked = {} }: MessagePolicy): Entry[] {
  if (!model || Object.hasOwn(locked, 'model')) return [];
  return model.places.map(({ types, path }) => ({
    types,
    operation: operations.authoriseModel(pathOf(path), model),
  }));
}

function answerEntries({ toolCalls, clientTools }: MessagePolicy): Entry[] {
  if (!toolCalls || !clientTools) return [];
  return toolCalls.answered.map(({ types, path }) => ({
    types,
    operation: operations.answerOwnCalls(pathOf(path)),
  }));
}

function toChecks({ types, deny = [], values = {}, only = {} }: MessageRule): Entry[] {
  const checks = [
    ...deny.map((path) => operations.deny(pathOf(path))),
    ...mapPaths(values, (path, allowed) => operations.allowValues(path, allowed)),
    ...mapPaths(only, (path, allowed) => operations.allowMembers(path, toMembers(allowed))),
  ];
  return checks.map((operation) => ({ types, operation }));
}

function toChanges({ types, pin = {}, replace = {} }: MessageRule): Entry[] {
  const changes = [
    ...mapPaths(pin, (path, value) => operations.pin(path, toMaker(value))),
    ...mapPaths(replace, (path, value) => operations.replace(path, toMaker(value))),
  ];
  return changes.map((operation) => ({ types, operation }));
}

function toInjections({ types, inject = {} }: MessageRule): Entry[] {
  return mapPaths(inject, (path, value) => ({ types, operation: operations.pin(path, toMaker(value)) }));
}

const depthOf = ({ place }: { readonly place: Place }): number => pathOf(place.path).steps.length;

/** What holds others comes before them, in whatever order they are locked. */
function toLocks({ fields = {}, locked = {} }: MessagePolicy): Entry[] {
  const locks = Object.entries(locked).flatMap(([name, value]) =>
    (fields[name]?.sent ?? []).map((place) => ({ place, make: toMaker(value) })),
  );
  return locks.sort((a, b) => depthOf(a) - depthOf(b)).map(({ place, make }) => toLock(place, make));
}

function toLock({ types, path, always }: Place, make: () => unknown): Entry {
  const parsed = pathOf(path);
  const operation = always === true ? operations.pin(parsed, make) : operations.replace(parsed, make);
  return { types, operation };
}

const firstOf = (path: JsonPath): string => path.split('.')[0] as string;

/** `['a.b', 'c']` as a tree. */
function toMembers(paths: readonly JsonPath[]): AllowedMembers {
  return new Map(
    paths.flatMap((path) => {
      const first = firstOf(path);
      if (first === EMPTY_OBJECT) return [];
      const below = paths.filter((other) => firstOf(other) === first);
      const isWhole = below.includes(first);
      return [
        [
          first,
          isWhole ? undefined : toMembers(below.map((other) => other.slice(first.length + 1))),
        ] as const,
      ];
    }),
  );
}

function mapPaths<Value, Result>(
  values: Readonly<Record<JsonPath, Value>>,
  toResult: (path: Path, value: Value) => Result,
): Result[] {
  return Object.entries(values).map(([path, value]) => toResult(pathOf(path), value));
}

/** @throws TypeError for a path that was not checked. */
export function pathOf(text: JsonPath): Path {
  const path = parsePath(text);
  if (!path) throw new TypeError('a policy was compiled without being checked');
  return path;
}
