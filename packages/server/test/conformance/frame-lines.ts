/** Frames as short lines of text, so that what came and what should have come can be compared, and read, at any size. */
import { createHash } from 'node:crypto';
import { type FrameShape, OPCODES } from '../../src/testing/wire-frames.ts';

/** Longer payloads are shown by their length and a hash. */
const LONGEST_SHOWN = 140;
const NAMES = new Map<number, string>(Object.entries(OPCODES).map(([name, opcode]) => [opcode, name]));

/** One line a frame; equal neighbours share one with their count. */
export function linesOf(frames: readonly FrameShape[]): string[] {
  const lines: { line: string; count: number }[] = [];
  for (const frame of frames) {
    const line = lineOf(frame);
    const last = lines.at(-1);
    if (last?.line === line) last.count += 1;
    else lines.push({ line, count: 1 });
  }
  return lines.map(({ line, count }) => (count === 1 ? line : `${count} × ${line}`));
}

function lineOf({ opcode, payload = '', fin = true, rsv = 0 }: FrameShape): string {
  const name = NAMES.get(opcode) ?? `opcode ${opcode}`;
  const marks = `${fin ? '' : ' unfinished'}${rsv === 0 ? '' : ` rsv ${rsv}`}`;
  return `${name}${marks} ${payloadLine(Buffer.from(payload as Buffer))}`;
}

function payloadLine(payload: Buffer): string {
  if (payload.length <= LONGEST_SHOWN) return JSON.stringify(payload.toString('latin1'));
  return `${payload.length} octets, sha1 ${createHash('sha1').update(payload).digest('hex').slice(0, 12)}`;
}
