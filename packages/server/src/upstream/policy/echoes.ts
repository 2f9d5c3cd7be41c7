/**
 * What is looked for in a provider's messages: what must not reach the browser, and which calls the client is asked for. Most messages
 * are never parsed, since the bytes of a type's name are not in them.
 */
import { find, isContainer, parsePath, setAt, valueAt, type Path } from './path.ts';
import type { MessagePolicy, Place } from './policy.ts';
import type { MessageObject } from './read-message.ts';

export interface EchoRules {
  /** False when no message of the provider needs to be parsed. */
  readonly isNeeded: boolean;
  /** Whether a message may be of a type that is looked into. */
  mayConcern(message: Buffer): boolean;
  /** Whether a message of this type is looked into. */
  concerns(type: string): boolean;
  /** Blanks what may not be seen; returns whether anything was changed. */
  blank(type: string, message: MessageObject): boolean;
  /** Ids of the calls that the client is asked for, of its own tools. */
  callsIn(type: string, message: MessageObject): unknown[];
}

/** ASCII may be written as an escape. Texts of other languages are as well by some writers, and then parsed for nothing. */
const ESCAPED_ASCII = '\\u00';

export function compileEchoes(policy: MessagePolicy): EchoRules {
  const blanks = toBlanks(policy);
  const calls = toCalls(policy);
  const names = new Set([...blanks.keys(), ...calls.types]);
  const needles = [...names].map((name) => Buffer.from(JSON.stringify(name)));
  return {
    isNeeded: names.size > 0,
    mayConcern: (message) =>
      needles.length > 0 &&
      (needles.some((needle) => message.includes(needle)) || message.includes(ESCAPED_ASCII)),
    concerns: (type) => names.has(type),
    blank: (type, message) => blankAll(message, blanks.get(type) ?? []),
    callsIn: (type, message) => (calls.types.includes(type) ? calls.read(message) : []),
  };
}

/** Paths to blank by type: those of the policy, and the echoes of what is locked. */
function toBlanks({ blank = [], fields = {}, locked = {} }: MessagePolicy): Map<string, Path[]> {
  const echoes = Object.keys(locked).flatMap((name): readonly Place[] => fields[name]?.echoed ?? []);
  const blanks = new Map<string, Path[]>();
  for (const { types, path } of [...blank, ...echoes]) {
    const parsed = parsePath(path) as Path;
    for (const type of types) blanks.set(type, [...(blanks.get(type) ?? []), parsed]);
  }
  return blanks;
}

function blankAll(message: MessageObject, paths: readonly Path[]): boolean {
  let isChanged = false;
  for (const path of paths)
    find(message, path, (holder, key) => {
      setAt(holder, key, toBlank(valueAt(holder, key)));
      isChanged = true;
      return false;
    });
  return isChanged;
}

/** Of the same kind, so that clients that look into it still can. */
function toBlank(value: unknown): unknown {
  if (typeof value === 'string') return '';
  if (Array.isArray(value)) return [];
  return isContainer(value) ? {} : null;
}

interface CallReader {
  readonly types: readonly string[];
  read(message: MessageObject): unknown[];
}

function toCalls({ toolCalls, clientTools }: MessagePolicy): CallReader {
  if (!toolCalls || !clientTools) return { types: [], read: () => [] };
  const { types, at, id, name } = toolCalls.asked;
  const path = parsePath(at) as Path;
  const own = (call: unknown): unknown[] =>
    isContainer(call) && clientTools.includes(String(valueAt(call, name))) ? [valueAt(call, id)] : [];
  return {
    types,
    read(message) {
      if (path.steps.length === 0) return own(message);
      const ids: unknown[] = [];
      find(message, path, (holder, key) => {
        ids.push(...own(valueAt(holder, key)));
        return false;
      });
      return ids;
    },
  };
}
