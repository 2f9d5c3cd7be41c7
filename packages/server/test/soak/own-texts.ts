/** What the proxy itself says to a provider: it keeps it awake while a client is away, and says when nothing more will come. */
import type { MockFrame } from '../../src/testing/message-reader.ts';

const OWN_TEXTS: ReadonlySet<string> = new Set(['{"type":"KeepAlive"}', '{"type":"CloseStream"}']);
const LONGEST_BYTES = 30;

export function isOwnText({ kind, payload }: MockFrame): boolean {
  return kind === 'text' && payload.length <= LONGEST_BYTES && OWN_TEXTS.has(payload.toString());
}
