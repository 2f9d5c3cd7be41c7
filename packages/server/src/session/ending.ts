/**
 * For providers whose clients wait for a last message, and would wait for ever at a close without one: whether it has come, and
 * what the messages tell of the session's usage. Sends nothing; session.ts does.
 */
import type { Secret } from '../upstream/secret.ts';
import type { UsageSource, VendorFacts } from '../upstream/vendor-facts.ts';

export interface Ending {
  /** Whether the client has its last message. */
  readonly hasEnded: boolean;
  /** Text of the client, on its way up. */
  noteUp(text: Buffer): void;
  /** Text of the provider. */
  noteDown(text: string): void;
  /** Text that the client is given. Returns what it may read of it. */
  give(text: string): string;
  /** What is known of the usage; `upBytes` is everything that went up. */
  used(upBytes: number): Readonly<Record<string, number>>;
}

export interface EndingParts {
  readonly facts: VendorFacts | undefined;
  /** What no error of the provider may tell. */
  readonly hidden: Secret | undefined;
  /** Stands for an error that does tell it. */
  readonly plainError: string;
}

/** Undefined for providers whose clients take a close as it comes. */
export function createEnding({ facts, hidden, plainError }: EndingParts): Ending | undefined {
  const last = facts?.lastTypes;
  if (!last) return undefined;
  let hasEnded = false;
  let textBytes = 0;
  const told: Record<string, number> = {};
  return {
    get hasEnded() {
      return hasEnded;
    },
    noteUp(text) {
      textBytes += text.length;
    },
    noteDown(text) {
      const message = parse(text);
      if (!isLast(last, message)) return;
      for (const source of facts.usage) Object.assign(told, readUsage(source, message));
    },
    give(text) {
      const message = parse(text);
      if (!isLast(last, message)) return text;
      hasEnded = true;
      const { type } = message;
      return type === 'error' && hidden?.isNamedIn(text) === true ? plainError : text;
    },
    used: (upBytes) => ({ audioBytes: upBytes - textBytes, ...told }),
  };
}

type Fields = Readonly<Record<string, unknown>>;

function isLast(last: readonly string[], message: Fields | undefined): message is Fields {
  const type = message?.['type'];
  return typeof type === 'string' && last.includes(type);
}

function parse(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** Numbers at the top of a message; what is none is not told. */
function readUsage(source: UsageSource, message: Fields | undefined): Record<string, number> {
  if (source.on !== 'message' || !message) return {};
  if (Object.entries(source.match).some(([name, value]) => message[name] !== value)) return {};
  const read = Object.entries(source.read).map(([quantity, name]) => [quantity, message[name]] as const);
  return Object.fromEntries(
    read.filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= 0),
  );
}
