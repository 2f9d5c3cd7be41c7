/** All cases, by what their tests need. */
import type { ConformanceCase } from './cases/case.ts';
import { closings } from './cases/closes.ts';
import { fragmentation } from './cases/fragmentation.ts';
import { framing } from './cases/framing.ts';
import { limits } from './cases/limits.ts';
import { opcodes } from './cases/opcodes.ts';
import { pings } from './cases/pings.ts';
import { reservedBits } from './cases/reserved-bits.ts';
import { utf8 } from './cases/utf8.ts';

export const FRAME_TABLES: Readonly<Record<string, readonly ConformanceCase[]>> = {
  framing,
  pings,
  'reserved bits': reservedBits,
  opcodes,
  fragmentation,
  closes: closings,
};

export { limits as LIMIT_TABLE, utf8 as TEXT_TABLE };
