/** Group 4 of the public list: opcodes that RFC 6455 5.2 reserves, for data and for control. */
import { breaks, type ConformanceCase, ping, text } from './case.ts';

const HELLO = 'Hello, world!';
const RESERVED = [
  ['4.1', [3, 4, 5, 6, 7]],
  ['4.2', [11, 12, 13, 14, 15]],
] as const;

/** The public list plays each of the two ranges in the same five ways. */
function variantsOf(
  group: string,
  [empty, full, emptyAfter, fullAfter, octets]: readonly number[],
): ConformanceCase[] {
  const alone = (opcode = 0, payload = '') => breaks([], '', [[], { opcode, payload }]);
  const after = (opcode = 0, payload = '') => breaks([], '', [[text(HELLO)], { opcode, payload }, ping()]);
  return [
    { ...alone(empty), ids: [`${group}.1`], title: `refuses the empty frame with opcode ${empty}` },
    { ...alone(full, 'payload'), ids: [`${group}.2`], title: `refuses the frame with opcode ${full}` },
    {
      ...after(emptyAfter),
      ids: [`${group}.3`],
      title: `passes text, then refuses the empty opcode ${emptyAfter}`,
    },
    {
      ...after(fullAfter, HELLO),
      ids: [`${group}.4`],
      title: `passes text, then refuses opcode ${fullAfter}`,
    },
    {
      ...after(octets, HELLO),
      ids: [`${group}.5`],
      title: `passes text, then refuses opcode ${octets}, octet by octet`,
      chop: 1,
    },
  ];
}

export const opcodes: readonly ConformanceCase[] = RESERVED.flatMap(([group, codes]) =>
  variantsOf(group, codes),
);
