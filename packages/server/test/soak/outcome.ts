/** What a scenario comes to: its numbers on one line, and everything that must not have happened. */

export interface SoakOutcome {
  readonly scenario: string;
  /** Empty when all is well. */
  readonly violations: readonly string[];
  readonly numbers: Readonly<Record<string, number | string>>;
}

const MOST_SHOWN = 8;

/** One line, and one more for each of the first violations. */
export function linesOf({ scenario, violations, numbers }: SoakOutcome): string {
  const facts = Object.entries(numbers).map(([name, value]) => `${name}=${value}`);
  const shown = violations.slice(0, MOST_SHOWN).map((violation) => `       ${violation}`);
  const hidden = violations.length - shown.length;
  if (hidden > 0) shown.push(`       and ${hidden} more`);
  return [`${violations.length === 0 ? 'ok  ' : 'FAIL'} ${scenario}: ${facts.join(' ')}`, ...shown].join(
    '\n',
  );
}

/** Collects violations of one scenario. */
export class Findings {
  readonly list: string[] = [];

  /** Notes what was expected and was not so. */
  expect(isTrue: boolean, otherwise: string): void {
    if (!isTrue) this.list.push(otherwise);
  }
}

export const secondsSince = (startMs: number): number => Math.round((Date.now() - startMs) / 10) / 100;
export const toMebibytes = (bytes: number): number => Math.round((bytes / 1_048_576) * 10) / 10;
