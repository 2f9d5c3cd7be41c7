/**
 * Reads of an answer that passes what it says of its use, for the log. It changes, holds back and delays nothing; what it cannot read is not
 * counted. Where a provider says it is data (`ApiCall.usage`).
 */
import { GatheredBytes } from '../gathered-bytes.ts';
import type { ApiCall } from '../upstream/http-api.ts';
import { pathOf } from '../upstream/policy/compile.ts';
import { find, valueAt, type Path } from '../upstream/policy/path.ts';
import { createEventReader } from './sse.ts';

type MessageUsage = NonNullable<ApiCall['usage']>[number];

export type ToldUsage = Record<string, number | string>;

export interface UsageReader {
  /** The next bytes of the answer, as the client is given them. True when they have told something. */
  push(chunk: Buffer): boolean;
  /** What has been told by now; of an answer that is no stream, nothing before its end. */
  told(): ToldUsage;
}

/** Longest answer that is read whole, in bytes. */
const LONGEST_WHOLE = 1_048_576;
/** Names, such as that of a model, as they may stand in a log. */
const NAME = /^[A-Za-z0-9._:/-]{1,128}$/;

/** Undefined where nothing is to be read. */
export function createUsageReader(
  sources: readonly MessageUsage[] | undefined,
  type: string,
): UsageReader | undefined {
  if (!sources) return undefined;
  if (type === 'application/json') return createWholeReader(sources);
  return type === 'text/event-stream' ? createStreamReader(sources) : undefined;
}

function createWholeReader(sources: readonly MessageUsage[]): UsageReader {
  const kept = new GatheredBytes();
  let bytes = 0;
  return {
    push(chunk) {
      bytes += chunk.length;
      if (bytes <= LONGEST_WHOLE) kept.add(chunk);
      else kept.take();
      return false;
    },
    told() {
      const told: ToldUsage = {};
      if (bytes <= LONGEST_WHOLE) note(sources, Buffer.concat(kept.take()).toString(), told);
      return told;
    },
  };
}

function createStreamReader(sources: readonly MessageUsage[]): UsageReader {
  const read = createEventReader();
  const told: ToldUsage = {};
  let isReadable = true;
  return {
    push(chunk) {
      if (!isReadable) return false;
      try {
        return read(chunk).filter(({ data }) => note(sources, data, told)).length > 0;
      } catch {
        isReadable = false;
        return false;
      }
    },
    told: () => told,
  };
}

/** Adds what a text of JSON says to what is told already; the last word counts. False when it is none that tells. */
function note(sources: readonly MessageUsage[], text: string, told: ToldUsage): boolean {
  const candidates = sources.filter(({ match }) => mayMatch(match, text));
  if (candidates.length === 0) return false;
  const said = parse(text);
  for (const { match, read, names = {} } of candidates) {
    if (!matches(match, said)) continue;
    for (const [name, path] of Object.entries(read)) {
      const value = valueOf(said, path);
      if (typeof value === 'number' && Number.isFinite(value) && value >= 0) told[name] = value;
    }
    for (const [name, path] of Object.entries(names)) {
      const value = valueOf(said, path);
      if (typeof value === 'string' && NAME.test(value)) told[name] = value;
    }
  }
  return true;
}

/** Most events are words, which need not be parsed for it. */
function mayMatch(match: MessageUsage['match'], text: string): boolean {
  return Object.values(match).every((value) => value === true || text.includes(value));
}

function matches(match: MessageUsage['match'], said: unknown): boolean {
  return Object.entries(match).every(([path, wanted]) => {
    const value = valueOf(said, path);
    return wanted === true ? value !== undefined : value === wanted;
  });
}

function valueOf(said: unknown, path: string): unknown {
  let value: unknown;
  find(said, compiled(path), (holder, key) => {
    value = valueAt(holder, key);
    return true;
  });
  return value;
}

/** Those of the presets' data, which are few. */
const paths = new Map<string, Path>();

function compiled(text: string): Path {
  const path = paths.get(text) ?? pathOf(text);
  paths.set(text, path);
  return path;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
