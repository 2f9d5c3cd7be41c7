/**
 * Pairing: a contender and its reference are loaded at the same time on the same core, so that both see the same machine;
 * the ratio is taken a round, and rounds go over all pairs before the next one begins.
 */
import { addFaults } from '../rig/rig.mjs';

/** Of the frames that were to be sent within a window; the rest came later. */
const LEAST_SHARE = 0.95;

const LONGEST_MS = 120_000;
const OPENING_MS = 30_000;

/** Whether a contender can take part in a measurement. */
export const isThere = (contender) => Boolean(contender?.port && contender.child.isAlive);

/**
 * Pairs with both ends there, in the order of the contenders.
 * @param {Map<string, object>} field contenders by name
 * @param {(definition: object) => (string | undefined)[]} referencesOf
 */
export function pairsOf(field, referencesOf) {
  return [...field.values()].filter(isThere).flatMap((contender) =>
    referencesOf(contender.definition)
      .map((name) => field.get(name))
      .filter((reference) => isThere(reference) && reference !== contender)
      .map((reference) => ({ contender, reference, ratios: [], values: [] })),
  );
}

/** Numbers of rounds, fewer when the time is over: a machine that is slow must not make a run endless. */
export function* roundsWithin(rounds, limitMs = LONGEST_MS) {
  const deadline = performance.now() + limitMs;
  for (let round = 0; round < rounds && performance.now() < deadline; round += 1) yield round;
}

/** A list that begins with another one each round, so that nobody is always behind the same neighbour. */
export const turned = (list, round) => {
  const by = round % Math.max(1, list.length);
  return [...list.slice(by), ...list.slice(0, by)];
};

/** All rounds of all pairs. @param how see load/exchange.mjs */
export async function loadRounds(rig, pairs, groups, { rounds, ...how }) {
  for (const round of roundsWithin(rounds))
    for (const pair of turned(pairs, round)) await loadPair(rig, pair, groups, how);
}

/** Groups of sessions for all contenders of the pairs, opened. @returns Map of name to group */
export async function openGroups(rig, pairs, { count, wish }) {
  const groups = new Map();
  for (const contender of new Set(pairs.flatMap((pair) => [pair.contender, pair.reference]))) {
    const group = await rig.group(contender, wish);
    const { refusal } = await group.open(count, OPENING_MS);
    groups.set(contender.name, Object.assign(group, { refusal }));
  }
  return groups;
}

/** One round of one pair; adds the ratio of the CPU a frame, and the contender's own, to the pair. */
async function loadPair(rig, pair, groups, how) {
  const both = [groups.get(pair.contender.name), groups.get(pair.reference.name)];
  if (both.some((group) => group.refusal || !isThere(group.contender))) return;
  const result = await rig.loadGroups(both, how);
  const [own, other] = result.groups.map(({ cpuNs, frames }) => cpuNs / frames);
  pair.ratios.push(own / other);
  pair.values.push(own / 1000);
  if (how.perSecond) noteShortfall(pair, result, how.perSecond);
  pair.busy = result.groups.reduce((sum, { cpuNs }) => sum + cpuNs, 0) / result.windowNs;
  pair.loadBusy = result.loadBusy;
  pair.upstreamBusy = result.upstreamBusy;
}

/** Overloaded, a contender relays less than is sent, and CPU a frame says less too. */
function noteShortfall(pair, { groups, windowNs }, perSecond) {
  const offered = (2 * perSecond * windowNs) / 1e9;
  const share = Math.min(...groups.map(({ frames }) => frames / offered));
  if (share < LEAST_SHARE) pair.shortfall = Math.min(share, pair.shortfall ?? 1);
}

/** Closes the groups. @returns faults by contender */
export async function closeGroups(groups) {
  const outcomes = new Map();
  for (const [name, group] of groups) {
    const outcome = await group.close();
    outcomes.set(name, { ...outcome, note: group.refusal ?? outcome.note });
  }
  return outcomes;
}

/** A pair as a row of the table. */
export function rowOf(pair, outcomes, row) {
  const outcome = addFaults([outcomes.get(pair.contender.name)]);
  if (pair.shortfall) outcome.note ||= `overloaded: ${Math.round(pair.shortfall * 100)} % relayed in time`;
  return {
    ...{ contender: pair.contender.name, against: pair.reference.name },
    ...{ ratios: pair.ratios, values: pair.values, unit: 'us', ...outcome, ...row },
    isBroken: pair.ratios.length === 0 || pair.ratios.some((ratio) => !Number.isFinite(ratio)),
  };
}
