/**
 * Deferred authentication: for clients whose credential comes in a message. The handshake is completed, one message is read, its
 * credential taken out, and the visit goes on as if it had brought the credential with its upgrade. Nothing is dialled before.
 */
import type { Clock } from '../clock.ts';
import { createStrip, readFirstMessage, type FirstMessage } from '../auth/message-credential.ts';
import { closeFrame, textFrame } from '../frames/frame-writer.ts';
import { createMaskKeys } from '../frames/mask-keys.ts';
import type { Refused } from './admit.ts';
import { completeHandshake } from './complete-handshake.ts';
import { endSocket } from './end-socket.ts';
import { createFirstMessageReader, type FirstMessageOutcome } from './first-message.ts';
import { holdSocket } from './held-socket.ts';
import type { Registry } from './registry.ts';
import type { Visit } from './visit.ts';

export interface DeferredLimits {
  /** Time for the message with the credential, from the upgrade on, in milliseconds. */
  readonly credentialMs: number;
  /** Bytes a client may send before its session is open. */
  readonly earlyBytes: number;
  /** Clients that may be waited for at once. */
  readonly mostWaiting: number;
}

/** The visit with its credential, or without one and why it ends. */
export type DeferredOutcome =
  { readonly visit: Visit } | { readonly visit: Visit; readonly refused: Refused } | 'full' | 'left';

/** Completes the handshake of a visit and waits for its credential. */
export type AwaitCredential = (visit: Visit) => Promise<DeferredOutcome>;

/** `full` leaves the socket as it was, unanswered; a client that `left` has been seen off. */
export function createDeferredAuth(
  clock: Clock,
  limits: DeferredLimits,
  registry: Pick<Registry, 'onClose'>,
): AwaitCredential {
  let waiting = 0;
  return async (visit) => {
    if (waiting >= limits.mostWaiting) return 'full';
    const { held, upgrade, credential } = visit;
    if (!completeHandshake(held.socket, { key: upgrade.key, echo: credential.echo })) {
      held.release();
      held.socket.destroy();
      return 'left';
    }
    waiting += 1;
    return waitFor(clock, limits, registry, visit).finally(() => (waiting -= 1));
  };
}

function waitFor(
  clock: Clock,
  limits: DeferredLimits,
  registry: Pick<Registry, 'onClose'>,
  visit: Visit,
): Promise<DeferredOutcome> {
  return new Promise((resolve, reject) => {
    const reader = createFirstMessageReader({
      socket: visit.held.socket,
      early: visit.held.release(),
      clock,
      timeoutMs: limits.credentialMs,
      onDone(outcome) {
        forget();
        // Called by the socket, where a throw would end the process.
        try {
          resolve(toOutcome(clock, limits, visit, outcome));
        } catch (error) {
          reject(error as Error);
        }
      },
    });
    const forget = registry.onClose(() => reader.settle({ failed: 'Draining', why: 'draining' }));
    reader.start();
  });
}

function toOutcome(
  clock: Clock,
  { earlyBytes }: DeferredLimits,
  visit: Visit,
  outcome: FirstMessageOutcome,
): DeferredOutcome {
  if ('left' in outcome) {
    const { socket } = visit.held;
    if (outcome.close) endSocket(socket, closeFrame(outcome.close.code, outcome.close.reason), clock);
    else socket.destroy();
    return 'left';
  }
  const open = toOpen(visit);
  if ('failed' in outcome) return { visit: open, refused: { name: outcome.failed, why: outcome.why } };
  const first = readFirstMessage(outcome.text, visit.messageSlots);
  if ('why' in first) return { visit: open, refused: first };
  return { visit: withCredential(open, first, outcome.rest, earlyBytes) };
}

/** Who waited for a vendor's message is spoken to as the vendor's client; a resume cannot wait for a hello and send at once. */
function toOpen(visit: Visit): Visit {
  return { ...visit, isOpen: true, session: undefined, credential: { ...visit.credential, place: 'vendor' } };
}

const nextKey = createMaskKeys();

/** What goes on is the message without its credential, and behind it, in order, whatever else comes. */
function withCredential(
  visit: Visit,
  { token, text }: FirstMessage,
  rest: Buffer,
  earlyBytes: number,
): Visit {
  const { socket } = visit.held;
  const held = holdSocket(socket, Buffer.concat([textFrame(text, nextKey()), rest]), earlyBytes);
  if (!held.isOverBudget) socket.resume();
  return {
    ...visit,
    held,
    strip: createStrip(visit.messageSlots, token, true),
    credential: { ...visit.credential, token },
  };
}
