/**
 * The numbers of the public list of RFC 6455 conformance cases (Autobahn|Testsuite), by which completeness is counted.
 * Numbers only: what each case does is in cases/, written anew for a proxy.
 */
import { UTF8_SEQUENCES } from './cases/utf8-sequences.ts';

const numbered = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}.${at + 1}`);

/** How many octet sequences the public list has in 6.5, 6.6 and so on; written out to hold the table to it. */
const UTF8_COUNTS = [5, 11, 4, 2, 4, 3, 5, 8, 5, 10, 1, 3, 5, 5, 5, 7, 8, 34, 7];
const FIRST_UTF8_GROUP = UTF8_SEQUENCES[0]?.group ?? 0;

export const PUBLIC_LIST: readonly string[] = [
  ...numbered('1.1', 8),
  ...numbered('1.2', 8),
  ...numbered('2', 11),
  ...numbered('3', 7),
  ...numbered('4.1', 5),
  ...numbered('4.2', 5),
  ...numbered('5', 20),
  ...numbered('6.1', 3),
  ...numbered('6.2', 4),
  ...numbered('6.3', 2),
  ...numbered('6.4', 4),
  ...UTF8_COUNTS.flatMap((count, at) => numbered(`6.${FIRST_UTF8_GROUP + at}`, count)),
  ...numbered('7.1', 6),
  ...numbered('7.3', 6),
  ...numbered('7.5', 1),
  ...numbered('7.7', 13),
  ...numbered('7.9', 9),
  ...numbered('7.13', 2),
  ...numbered('9.1', 6),
  ...numbered('9.2', 6),
  ...numbered('9.3', 9),
  ...numbered('9.4', 9),
  ...numbered('9.5', 6),
  ...numbered('9.6', 6),
  ...numbered('9.7', 6),
  ...numbered('9.8', 6),
  ...numbered('10.1', 1),
];

/**
 * Cases that do not apply to a proxy, by number, with the reason. Groups 12 and 13 (compression) are not in the list
 * above: compression is not negotiated, which compression.test.ts shows. 9.9.1 is switched off in the public list itself.
 */
export const NOT_FOR_A_PROXY: Readonly<Record<string, string>> = {};

/**
 * Cases that the public list wants to see echoed and the contract refuses, because a message may have only so many
 * fragments: the first ones of 9.3 and 9.4 have 65,537 and 16,385 of them. They are played, and expected to be refused.
 */
export const REFUSED_BY_CONTRACT: readonly string[] = ['9.3.1', '9.3.2', '9.4.1', '9.4.2'];
