/** A few messages on each of many sessions, one at a time, with a deadline: for what is looked at between them. */
import { drain } from './exchange.mjs';
import { nowUs } from './load-session.mjs';

/** @returns {Promise<number>} messages that were answered in time */
export async function exchangeRounds(group, { rounds, limitMs }) {
  const before = group.taken;
  for (let round = 0; round < rounds; round += 1) {
    for (const session of group.sessions) session.send(nowUs());
    await drain([group], limitMs);
    for (const session of group.sessions) session.acknowledge();
  }
  return group.taken - before;
}

/** The first session asks for what it is to be sent and then does not read it. */
export function stopReading(group) {
  const [session] = group.sessions;
  session.isDeaf = true;
  session.send(nowUs());
}
