/** A scanner's sink that keeps all it was given, and a way to feed a scanner that stops where its sink says so. */
import { FrameScanner, type ScanRules, type ScanSink } from '../../src/frames/frame-scanner.ts';

export const ANY_RULES: ScanRules = {
  isMasked: false,
  maxMessageBytes: 1_000_000,
  maxOpenedBytes: 1_000_000,
  maxFragments: 1_000,
  opens: 'none',
  countsMessages: false,
};

export class ScanRecorder implements ScanSink {
  readonly data: Buffer[] = [];
  readonly controls: { opcode: number; payload: string }[] = [];
  /** Opened texts, in latin1. */
  readonly texts: string[] = [];
  /** Everything but the exact cuts of data, in order: `d` and bytes in hex, `t`, `c`. */
  readonly story: string[] = [];
  /** Bytes that had been passed at each boundary. */
  readonly boundaries: number[] = [];
  /** Where messages end, counted in bytes passed. */
  readonly ends: number[] = [];
  wantsBoundary = false;
  /** Whether a scan goes on behind an opened text. */
  goesOn = true;
  #passed = 0;

  get passed(): number {
    return this.#passed;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.data);
  }

  onData(bytes: Buffer): void {
    this.data.push(bytes);
    this.#passed += bytes.length;
    const hex = bytes.toString('hex');
    const last = this.story.at(-1);
    if (last?.startsWith('d ')) this.story[this.story.length - 1] = last + hex;
    else this.story.push(`d ${hex}`);
  }

  onMessageEnd(offset: number): void {
    this.ends.push(this.#passed + offset);
  }

  onText(payload: Buffer): boolean {
    this.texts.push(payload.toString('latin1'));
    this.story.push(`t ${payload.toString('hex')}`);
    return this.goesOn;
  }

  onControl(opcode: number, payload: Buffer): void {
    this.controls.push({ opcode, payload: payload.toString('latin1') });
    this.story.push(`c ${opcode} ${payload.toString('hex')}`);
  }

  onBoundary(): void {
    this.boundaries.push(this.#passed);
  }
}

export interface Scan {
  readonly seen: ScanRecorder;
  readonly scanner: FrameScanner;
}

/** Scans chunk by chunk; a rest that is left over is scanned next, as a leg does when it is resumed. */
export function scanAll(
  chunks: readonly Buffer[],
  rules: Partial<ScanRules> = {},
  seen = new ScanRecorder(),
): Scan {
  const scanner = new FrameScanner({ ...ANY_RULES, ...rules });
  for (const chunk of chunks) {
    let rest: Buffer | undefined = chunk;
    while (rest) rest = scanner.scan(rest, seen);
  }
  return { seen, scanner };
}
