/** The lock file must install from whatever registry a machine uses. */
import { expect, test } from 'vitest';
import { addressesIn } from './checks.mjs';

test('finds download addresses in a lock file, and leaves workspace folders alone', () => {
  const at = (resolved: string) => addressesIn(`{\n"resolved": "${resolved}",\n}`);
  expect(at('packages/client')).toEqual([]);
  expect(at('https://registry.example/a.tgz')).toEqual([2]);
  expect(at('git+ssh://git@example/a.git')).toEqual([2]);
});
