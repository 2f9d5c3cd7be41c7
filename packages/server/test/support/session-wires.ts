/**
 * The connections of one client of session mode: dials them, reads the hello that comes first, and knows which are not gone.
 * What a hello means, and what comes behind it, is left to session-client.ts.
 */
import {
  CONTROL_BYTE,
  type HelloFrame,
  readControlFrame,
  SESSION_QUERY,
} from '../../src/contract/session-frames.ts';
import { Changes } from '../../src/testing/changes.ts';
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { dialAndLeave, dialWire, type LeaveMoment, type WireDialOptions } from './wire-dial.ts';
import type { PeerListener, ReadingPace, WirePeer } from './wire-peer.ts';

export interface SessionWiresOptions {
  readonly port: number;
  readonly tls?: { readonly ca: string } | undefined;
  /** The request target of the next connection, with a fresh credential and with a query. */
  readonly target: () => string;
  readonly pace?: ReadingPace | undefined;
  /** Milliseconds for each wait. Default 10 000. */
  readonly deadlineMs?: number;
}

/** A connection whose server has said hello. */
export interface Greeted {
  readonly wire: WirePeer;
  readonly hello: HelloFrame;
  /** Messages that have come behind it, and come until somebody else listens. */
  readonly more: readonly MockFrame[];
}

/** The first frame of a connection is something else than a hello. */
export class NoSessionMode extends Error {}

export const DEADLINE_MS = 10_000;

export class SessionWires {
  readonly #options: SessionWiresOptions;
  readonly #onGone: (wire: WirePeer) => void;
  readonly #open = new Set<WirePeer>();
  readonly #changes = new Changes();
  #isDestroyed = false;

  /** `onGone` is told of every connection that ends, whoever listens to it. */
  constructor(options: SessionWiresOptions, onGone: (wire: WirePeer) => void) {
    this.#options = options;
    this.#onGone = onGone;
  }

  /** Connections that are not gone. */
  get size(): number {
    return this.#open.size;
  }

  /** Opens a connection that asks for session mode, or for nothing. */
  async dial(session?: string): Promise<WirePeer> {
    const wire = await dialWire(this.#dialOptions(session));
    this.#open.add(wire);
    this.listen(wire, {});
    if (this.#isDestroyed) wire.cut();
    return wire;
  }

  /** Opens a connection and waits for its hello. @throws NoSessionMode; whatever fails, the connection is cut. */
  async greeted(session: string): Promise<Greeted> {
    const wire = await this.dial(session);
    const came: MockFrame[] = [];
    this.listen(wire, {
      onMessage: (message) => {
        came.push(message);
        this.#changes.notify();
      },
    });
    try {
      await this.#changes.wait(
        { probe: () => came.length > 0 || wire.isGone || undefined, what: () => 'a hello' },
        { deadlineMs: this.#options.deadlineMs ?? DEADLINE_MS },
      );
      return { wire, hello: helloOf(came.shift()), more: came };
    } catch (error) {
      wire.cut();
      throw error;
    }
  }

  /** Begins a connection and leaves it, without having looked at a hello. What it asks for is fixed now, not when it is run. */
  leaving(session: string, moment: LeaveMoment): () => Promise<void> {
    return () => dialAndLeave(this.#dialOptions(session), moment);
  }

  /** From now on only this listener is told of the connection. */
  listen(wire: WirePeer, listener: PeerListener): void {
    wire.listener = {
      ...listener,
      onGone: (close) => {
        this.#open.delete(wire);
        this.#onGone(wire);
        this.#changes.notify();
        listener.onGone?.(close);
      },
    };
  }

  /** Lets connections read that were paused, but for one. */
  resumeReading(except: WirePeer | undefined): void {
    for (const wire of this.#open) if (wire !== except) wire.resumeReading();
  }

  /** Ends every connection, and those that are being dialled. */
  destroy(): void {
    this.#isDestroyed = true;
    for (const wire of this.#open) wire.cut();
  }

  #dialOptions(session: string | undefined): WireDialOptions {
    const { port, tls, pace, deadlineMs = DEADLINE_MS, target } = this.#options;
    const asked = session === undefined ? target() : `${target()}&${SESSION_QUERY}=${session}`;
    return { port, target: asked, pace, deadlineMs, ...(tls ? { tls } : {}) };
  }
}

export const isControl = ({ kind, payload }: MockFrame): boolean =>
  kind === 'text' && payload[0] === CONTROL_BYTE;

function helloOf(first: MockFrame | undefined): HelloFrame {
  if (!first) throw new Error('the connection ended before the hello');
  const hello = isControl(first) ? readControlFrame(first.payload.toString()) : undefined;
  if (hello?.type !== 'hello')
    throw new NoSessionMode(`the first frame is ${first.payload.toString().slice(0, 80)}`);
  return hello as unknown as HelloFrame;
}
