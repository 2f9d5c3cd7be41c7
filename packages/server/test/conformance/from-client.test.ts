/** The cases as a client plays them against the proxy, with a raw echo behind it. */
import { describe, test } from 'vitest';
import { ALL_LEGS, type RouteKind } from './bench.ts';
import { playCase } from './play.ts';
import { FRAME_TABLES, TEXT_TABLE } from './tables.ts';

const TEXT_ROUTES: readonly RouteKind[] = ['pass-through', 'opened'];

describe.each(ALL_LEGS)('over legs of %s, for a client, the proxy', (legs) => {
  for (const [group, cases] of Object.entries(FRAME_TABLES)) {
    describe(group, () => {
      for (const one of cases)
        test(one.title, (context) => playCase(context, one, { legs, route: 'pass-through', role: 'client' }));
    });
  }

  describe.each(TEXT_ROUTES)('text, on a route of the kind %s', (route) => {
    for (const one of TEXT_TABLE)
      test(one.title, (context) => playCase(context, one, { legs, route, role: 'client' }));
  });
});
