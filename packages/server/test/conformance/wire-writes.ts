/** The bytes of a case as one side sends them, and how they are cut into writes. */
import { encodeFrame } from '../../src/testing/wire-frames.ts';
import type { ConformanceCase, Sent } from './cases/case.ts';

const MASK_BIT = 0x80;
/** A key of zeros leaves the payload as it is; any key is legal, and this one is easy to write by hand. */
const ZERO_KEY = Buffer.alloc(4);

/** One frame, masked as the sender's role demands unless it is told otherwise. */
export function bytesOf(sent: Sent, isClient: boolean): Buffer {
  const { isMaskedWrongly = false, lengthField, ...shape } = sent;
  const mask = isMaskedWrongly ? !isClient : isClient;
  if (!lengthField) return encodeFrame({ mask, ...shape });
  const [first = 0, ...more] = lengthField;
  const start = MASK_BIT | shape.opcode;
  const header = Buffer.from([start, first | (mask ? MASK_BIT : 0), ...more]);
  return Buffer.concat([header, mask ? ZERO_KEY : Buffer.alloc(0), Buffer.from(shape.payload as Buffer)]);
}

/** What is written at once, in order. */
export function writesOf(frames: readonly Buffer[], { sends, chop = 'whole' }: ConformanceCase): Buffer[] {
  if (chop === 'frames') return [...frames];
  const whole = Buffer.concat(frames);
  if (chop === 'whole') return [whole];
  if (typeof chop === 'number') return piecesOf(whole, chop);
  const header = (frames[0]?.length ?? 0) - (sends[0]?.payload?.length ?? 0);
  const cuts = [0, ...chop.map((place) => header + place), whole.length];
  return cuts.slice(1).map((end, at) => whole.subarray(cuts[at], end));
}

function piecesOf(whole: Buffer, bytes: number): Buffer[] {
  return Array.from({ length: Math.ceil(whole.length / bytes) }, (_, at) =>
    whole.subarray(at * bytes, (at + 1) * bytes),
  );
}
