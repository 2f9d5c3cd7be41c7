/** Large messages, many fragments, small writes and many round trips, in both roles. */
import { describe, test } from 'vitest';
import { ALL_LEGS, type Role } from './bench.ts';
import { playCase } from './play.ts';
import { LIMIT_TABLE } from './tables.ts';

const TIMEOUT_MS = 20_000;
const ROLES: readonly Role[] = ['client', 'upstream'];
const settings = ALL_LEGS.flatMap((legs) => ROLES.map((role) => ({ legs, role })));

describe.each(settings)('over legs of $legs, for the $role, the proxy', ({ legs, role }) => {
  for (const one of LIMIT_TABLE)
    test(one.title, { timeout: TIMEOUT_MS }, (context) =>
      playCase(context, one, { legs, role, route: 'pass-through' }),
    );
});
