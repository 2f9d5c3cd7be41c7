/** Keeps a provider from hanging up on a running session on which nothing goes up. While a session is held, resumable.ts does. */
import type { Clock } from '../clock.ts';
import type { Keepalive } from '../upstream/vendor-facts.ts';

export interface KeepaliveSubject {
  /** Grows with everything that the client sends up. */
  sentUp(): number;
  /** Whether the provider has got a whole message: some take a certain one first, and an unused session need not be kept. */
  hasBegun(): boolean;
  /** Whether what goes up waits: for a client that is away, a provider that does not read, or a judgement. */
  isWaiting(): boolean;
  /** Sends the text, or a ping without one, unless a message is under way. */
  send(text: string | undefined): void;
}

/** Traffic is looked at this many times per interval, so that the pauses are never longer than it. */
const LOOKS = 2;

/** Returns the way to stop. */
export function startKeepalive(clock: Clock, keepalive: Keepalive, subject: KeepaliveSubject): () => void {
  const { everyMs, text, onlyWhenIdle = true } = keepalive;
  let seen = -1;
  let looks = -1;
  return clock.every(everyMs / LOOKS, () => {
    const sentUp = subject.sentUp();
    // A look that saw traffic may have come right behind it, so that the first interval of a pause is a look shorter.
    looks = onlyWhenIdle && sentUp !== seen ? LOOKS - 2 : looks + 1;
    seen = sentUp;
    if (looks < LOOKS - 1 || !subject.hasBegun() || subject.isWaiting()) return;
    looks = -1;
    subject.send(text);
  });
}
