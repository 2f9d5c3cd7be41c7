/** The table of docs/presets.md, made from the presets. Prints what the data says; what a preset does not say is a dash. */
import type { Preset, Slot } from '../../src/index.ts';
import { PRESETS } from '../../src/upstream/presets/index.ts';

const GRADES = { verified: 'verified', documentation: 'from documentation', own: 'own' } as const;

const COLUMNS = [
  'preset',
  'endpoint',
  'grade',
  'paths',
  "user's token in",
  'key in',
  'keepalive',
  'longest session',
  'refused',
];

export function presetTable(): string {
  const lines = [COLUMNS, COLUMNS.map(() => '---'), ...PRESETS.flatMap(rowsOf)];
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function rowsOf(preset: Preset): string[][] {
  const { id, grade, endpoints, clientCredential, upstreamAuth } = preset;
  return Object.entries(endpoints).map(([name, { facts, query }]) => [
    code(id),
    code(name),
    GRADES[grade],
    facts.nativePaths.map(code).join(', ') || '-',
    clientCredential.map(wordsOf).join('; '),
    wordsOf(upstreamAuth),
    facts.keepalive ? `every ${facts.keepalive.everyMs / 1000} s` : '-',
    facts.longestSessionMs === undefined ? '-' : `${facts.longestSessionMs / 60_000} min`,
    [...(query.deny ?? []), ...Object.keys(query.listed ?? {}).map((one) => `${one} outside its list`)]
      .map((one) => (one.includes(' ') ? one : code(one)))
      .join(', ') || '-',
  ]);
}

function wordsOf(slot: Slot): string {
  switch (slot.in) {
    case 'header':
      return `header ${code(`${slot.name}: ${slot.format}`)}`;
    case 'query':
      return `query ${code(`${slot.name}=${slot.format}`)}`;
    case 'subprotocol':
      return `subprotocol ${code(slot.values.join(', '))}`;
    case 'message':
      return `message field ${code(slot.path)} (${slot.when === 'first' ? 'first message' : 'each start'})`;
  }
}

function code(text: string): string {
  return `\`${text}\``;
}
