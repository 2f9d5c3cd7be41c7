/** The exact sequence of messages that an application took or gave, each as a kind, a length and a hash. */
import { createHash } from 'node:crypto';
import type { MockFrame } from '../../src/testing/message-reader.ts';

export interface JournalEntry {
  readonly kind: 'text' | 'binary';
  readonly bytes: number;
  readonly hash: string;
}

export class MessageJournal {
  readonly #entries: JournalEntry[] = [];

  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  note({ kind, payload }: MockFrame): void {
    const hash = createHash('sha1').update(payload).digest('base64');
    this.#entries.push({ kind, bytes: payload.length, hash });
  }
}

/** The first place at which two sequences differ, in words; undefined when they are the same. */
export function journalDifference(
  expected: readonly JournalEntry[],
  actual: readonly JournalEntry[],
): string | undefined {
  const most = Math.max(expected.length, actual.length);
  for (let at = 0; at < most; at += 1) {
    const [one, other] = [expected[at], actual[at]];
    if (one?.hash === other?.hash && one?.kind === other?.kind) continue;
    const place = actual.findIndex((entry) => entry.hash === one?.hash);
    return `message ${at + 1} of ${expected.length}: ${said(one)} expected, ${said(other)} came; the expected one is at ${place + 1} of ${actual.length}`;
  }
  return undefined;
}

const said = (entry: JournalEntry | undefined): string =>
  entry ? `${entry.kind} of ${entry.bytes} bytes` : 'nothing';
