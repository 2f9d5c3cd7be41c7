/** Memory is measured on processes that have done nothing before: starts one, hands it over, and ends it. */
import { isThere } from './pairs.mjs';

/**
 * @param {string[]} names
 * @param work gets a fresh contender and returns its rows
 */
export async function onFreshOnes({ rig, field }, names, work) {
  const rows = [];
  for (const name of names) {
    if (!isThere(field.get(name))) continue;
    const contender = await rig.start(name, { isWarm: false });
    try {
      rows.push(...(await work(contender)));
    } finally {
      contender.child?.end();
    }
  }
  return rows;
}

/** Rows that are only measured in absolute figures, with their ratio to the same row of `reference`. */
export function withRatios(rows, reference) {
  return rows.map((row) => {
    const floor = rows.find(({ contender, title }) => contender === reference && title === row.title);
    const canCompare = row.contender !== reference && row.values?.[0] > 0 && floor?.values?.[0] > 0;
    if (!canCompare) return row;
    return { ...row, against: reference, ratios: row.values.map((value) => value / floor.values[0]) };
  });
}

/** Frees what is garbage where that can be asked for, and is quiet about programs that have none. */
export async function collectGarbage({ child, definition }) {
  if (definition.script) await child.ask('collectGarbage');
}
