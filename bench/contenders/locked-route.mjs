/** The route of the benchmark with one locked JSON path: every text of a client is opened, judged and sent on anew. */
import { withPolicy } from '@voxproxy/server';

/** @param route the open route of the benchmark */
export function lockedRoute(route) {
  return withPolicy(route, { rules: [{ types: '*', pin: { prompt: 'the prompt of the operator' } }] });
}
