/** Starts the field and runs the chosen sections over it, one after another; a section that fails becomes a row. */
import { openRig } from './rig/rig.mjs';
import { measureConnects } from './sections/connects.mjs';
import { measureCpu } from './sections/cpu.mjs';
import { measureGrowth } from './sections/growth.mjs';
import { measureIdle } from './sections/idle.mjs';
import { measureLatency } from './sections/latency.mjs';
import { measurePeak } from './sections/peak.mjs';
import { measureSizes } from './sections/sizes.mjs';

const sections = {
  cpu: measureCpu,
  sizes: measureSizes,
  growth: measureGrowth,
  latency: measureLatency,
  connects: measureConnects,
  idle: measureIdle,
  peak: measurePeak,
};

/** @returns rows of the table, and notes on what fell away */
export async function runSections(plan, names, print) {
  const rig = await openRig();
  const notes = [];
  const say = (text) => print(`  ${text}`);
  const { field, rows } = await startField(rig, names, notes);
  for (const name of plan.sections) {
    const startMs = performance.now();
    rows.push(...(await runSection(name, { rig, field, plan, say })), ...takeDead(field));
    print(`${name.padEnd(9)}${((performance.now() - startMs) / 1000).toFixed(1).padStart(6)} s`);
  }
  return { rows, notes, cores: rig.cores };
}

/** Contenders by name. One that does not start is a row, one that cannot take part here is a note. */
async function startField(rig, names, notes) {
  const field = new Map();
  const rows = [];
  for (const name of names) {
    const contender = await rig.start(name);
    field.set(name, contender);
    if (contender.absent) notes.push(`${name} does not take part: ${contender.absent}`);
    else if (contender.failed)
      rows.push({
        section: 'start',
        title: 'start',
        contender: name,
        note: contender.failed,
        isBroken: true,
      });
  }
  return { field, rows };
}

/** Whoever has died takes no part any more, which must not go unseen. */
function takeDead(field) {
  const dead = [...field.values()].filter(({ port, child }) => port && !child.isAlive);
  for (const { name } of dead) field.delete(name);
  return dead.map(({ name, child }) => ({
    ...{ section: 'start', title: 'takes no part any more', contender: name },
    ...{ note: child.lastWords, isBroken: true },
  }));
}

async function runSection(name, parts) {
  try {
    return await sections[name](parts);
  } catch (error) {
    return [{ section: name, title: name, contender: '', note: `failed: ${error.message}`, isBroken: true }];
  }
}
