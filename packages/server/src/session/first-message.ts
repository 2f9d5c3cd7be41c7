/**
 * Reads one text message from a client whose handshake is done and who is not known yet: within an absolute time and a number of
 * bytes, whatever it sends meanwhile. What the message means is not its concern.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { MAX_FIRST_MESSAGE_BYTES, MAX_FRAGMENTS, NO_STATUS, type CloseName } from '../contract/index.ts';
import { OPCODE_CLOSE, OPCODE_PING } from '../frames/frame-header.ts';
import { FrameScanner, type ScanSink } from '../frames/frame-scanner.ts';
import { pongFrame } from '../frames/frame-writer.ts';
import type { LegFault } from '../leg/leg.ts';

/** What came of the wait. The socket is paused then, and its reader gone. */
export type FirstMessageOutcome =
  /** `rest` is what came behind the message. */
  | { readonly text: string; readonly rest: Buffer }
  | { readonly failed: CloseName; readonly why: string }
  /** The client has gone, or has sent this close frame. */
  | { readonly left: true; readonly close?: { readonly code?: number; readonly reason: string } };

export interface FirstMessageWait {
  readonly socket: Duplex;
  /** What came behind the upgrade. */
  readonly early: Buffer;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Called once, in the turn of the event loop in which it is decided. */
  onDone(outcome: FirstMessageOutcome): void;
}

export interface FirstMessageReader {
  start(): void;
  /** Ends the wait, if it still goes on. */
  settle(outcome: FirstMessageOutcome): void;
}

export function createFirstMessageReader(wait: FirstMessageWait): FirstMessageReader {
  return new Reader(wait);
}

/** Audio before the credential is a client that has none. */
const FAULTS: Readonly<Partial<Record<LegFault, FirstMessageOutcome>>> = {
  KindDenied: { failed: 'AuthRequired', why: 'the first message is binary' },
};

class Reader implements FirstMessageReader, ScanSink {
  readonly wantsBoundary = false;
  readonly #wait: FirstMessageWait;
  readonly #scanner = new FrameScanner({
    isMasked: true,
    maxMessageBytes: MAX_FIRST_MESSAGE_BYTES,
    maxOpenedBytes: MAX_FIRST_MESSAGE_BYTES,
    maxFragments: MAX_FRAGMENTS,
    opens: 'text',
    countsMessages: false,
    refuses: 'binary',
  });
  #bytes = 0;
  #text: string | undefined;
  #cancel: () => void = () => undefined;
  #isDone = false;

  constructor(wait: FirstMessageWait) {
    this.#wait = wait;
  }

  start(): void {
    const { socket, early, clock, timeoutMs } = this.#wait;
    // Not begun anew by anything that comes: who trickles is as late as who is silent.
    this.#cancel = clock.after(timeoutMs, () =>
      this.settle({ failed: 'AuthRequired', why: 'no credential in time' }),
    );
    socket.on('data', this.#onBytes);
    socket.on('end', this.#onLeft);
    socket.on('close', this.#onLeft);
    if (early.length > 0) this.#onBytes(early);
    if (!this.#isDone) socket.resume();
  }

  settle(outcome: FirstMessageOutcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#cancel();
    const { socket, onDone } = this.#wait;
    socket.off('data', this.#onBytes);
    socket.off('end', this.#onLeft);
    socket.off('close', this.#onLeft);
    socket.pause();
    onDone(outcome);
  }

  readonly #onLeft = (): void => this.settle({ left: true });

  readonly #onBytes = (chunk: Buffer): void => {
    const rest = this.#scanner.scan(chunk, this) ?? Buffer.alloc(0);
    this.#bytes += chunk.length - rest.length;
    const { fault } = this.#scanner;
    if (this.#text !== undefined) this.settle({ text: this.#text, rest });
    else if (fault) this.settle(FAULTS[fault] ?? { failed: fault, why: 'bad frames before the credential' });
    // Counted with all frames around it, so that pings and empty fragments do not come for nothing.
    else if (this.#bytes > 2 * MAX_FIRST_MESSAGE_BYTES)
      this.settle({ failed: 'TooLarge', why: 'too many bytes before the credential' });
  };

  onText(payload: Buffer): boolean {
    this.#text = payload.toString();
    return false;
  }

  onControl(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE_CLOSE) this.settle({ left: true, close: readClose(payload) });
    else if (opcode === OPCODE_PING && this.#wait.socket.writable)
      this.#wait.socket.write(pongFrame(payload));
  }

  /** Only messages that are opened come here. */
  onData(): void {}

  onMessageEnd(): void {}

  onBoundary(): void {}
}

function readClose(payload: Buffer): { code?: number; reason: string } {
  const code = payload.length === 0 ? NO_STATUS : payload.readUInt16BE(0);
  return { ...(code === NO_STATUS ? {} : { code }), reason: payload.toString('utf8', 2) };
}
