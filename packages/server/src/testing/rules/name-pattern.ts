/** True when a name is one of the patterns, of which those that end in `*` stand for all names that begin so. */
export function isNamed(name: string, patterns: readonly string[]): boolean {
  return patterns.some((one) => one === name || (one.endsWith('*') && name.startsWith(one.slice(0, -1))));
}
