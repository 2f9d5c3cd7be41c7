/**
 * Looks at what an upstream sends before there is a session for it: whether the connection is still worth having. It keeps nothing, and its
 * bytes are read again by the leg.
 */
import { MAX_FRAGMENTS } from '../contract/index.ts';
import { OPCODE_CLOSE } from '../frames/frame-header.ts';
import { FrameScanner, type ScanSink } from '../frames/frame-scanner.ts';

export class FirstFrames implements ScanSink {
  readonly wantsBoundary = false;
  readonly #scanner: FrameScanner;
  readonly #maxBytes: number;
  #bytes = 0;
  #isClosed = false;

  /** `maxBytes` is how much may come, headers included. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#scanner = new FrameScanner({
      ...{ isMasked: false, maxMessageBytes: Infinity, maxOpenedBytes: Infinity },
      ...{ maxFragments: MAX_FRAGMENTS, opens: 'none', countsMessages: false },
    });
  }

  /** False when the peer has closed, broken the protocol, or sent too much. */
  mayGoOn(bytes: Buffer): boolean {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) return false;
    this.#scanner.scan(bytes, this);
    return !this.#isClosed && this.#scanner.fault === undefined;
  }

  onControl(opcode: number): void {
    if (opcode === OPCODE_CLOSE) this.#isClosed = true;
  }

  onData(): void {}

  onMessageEnd(): void {}

  onText(): boolean {
    return true;
  }

  onBoundary(): void {}
}
