/** The load generator, a process of its own: clients of any number of contenders, told what to do by the benchmark. */
import { announce, answerCommands } from '../rig/answering.mjs';
import { loadGroups } from './exchange.mjs';
import { Group } from './group.mjs';
import { sharpenSleep } from './pace.mjs';
import { exchangeRounds, stopReading } from './rounds.mjs';
import { visitGroups } from './visits.mjs';

const groups = new Map();

function groupOf(id) {
  const group = groups.get(id);
  if (!group) throw new Error(`no group ${id}`);
  return group;
}

function close({ id }) {
  groups.get(id)?.close();
  groups.delete(id);
}

sharpenSleep();
answerCommands({
  prepare(facts) {
    groups.set(facts.id, new Group(facts));
  },
  open: ({ id, count, limitMs }) => groupOf(id).open(count, limitMs),
  load: ({ ids, ...how }) => loadGroups(ids.map(groupOf), how),
  visit: ({ ids, ...how }) => visitGroups(ids.map(groupOf), how),
  exchange: ({ id, ...how }) => exchangeRounds(groupOf(id), how),
  stopReading: ({ id }) => stopReading(groupOf(id)),
  faults: ({ id }) => ({ faults: groupOf(id).faults, note: groupOf(id).note }),
  close,
});
announce({});
