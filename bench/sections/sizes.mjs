/** CPU a frame by the size of frames, both ways, one under way on each of a few sessions. */
import { busyText } from './cpu.mjs';
import { closeGroups, loadRounds, openGroups, pairsOf, rowOf } from './pairs.mjs';

const contenders = new Set(['ours', 'ours-messages', 'ws-relay', 'nginx']);
/** Bytes under way in all, so that large frames do not queue for longer than a window. */
const UNDER_WAY = 4_194_304;

const sizeText = (bytes) =>
  bytes >= 1_048_576 ? `${bytes / 1_048_576} MiB` : bytes >= 1_024 ? `${bytes / 1_024} KiB` : `${bytes} B`;

export async function measureSizes({ rig, field, plan, say }) {
  const { bytes: sizes, rounds, ...how } = plan.sizes;
  const rows = [];
  for (const bytes of sizes) {
    const pairs = pairsOf(field, ({ reference }) => [reference]).filter(({ contender }) =>
      contenders.has(contender.name),
    );
    const count = Math.max(4, Math.min(32, Math.floor(UNDER_WAY / bytes)));
    const groups = await openGroups(rig, pairs, { count, wish: { up: bytes, down: bytes } });
    await loadRounds(rig, pairs, groups, { rounds, ...how });
    const outcomes = await closeGroups(groups);
    say(busyText(sizeText(bytes), pairs));
    const title = `CPU/frame, ${sizeText(bytes)}`;
    rows.push(...pairs.map((pair) => rowOf(pair, outcomes, { section: 'sizes', title })));
  }
  return rows;
}
