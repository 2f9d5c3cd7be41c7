/** No cycles between files, type imports included: what needs each other's types is one thing cut in two. */
import { finding } from './findings.mjs';
import { targetOf } from './imports.mjs';

export function cycleFindings(sources) {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const state = new Map();
  const findings = [];
  for (const source of sources) follow(source, [], { byPath, state, findings });
  return findings;
}

function follow(source, trail, search) {
  if (search.state.get(source.path) === 'done') return;
  search.state.set(source.path, 'open');
  const here = [...trail, source.path];
  for (const { specifier, line } of source.imports) {
    const next = specifier.startsWith('.') ? search.byPath.get(targetOf(source, specifier)) : undefined;
    if (!next) continue;
    if (search.state.get(next.path) !== 'open') follow(next, here, search);
    else search.findings.push(cycle(source, line, here.slice(here.indexOf(next.path))));
  }
  search.state.set(source.path, 'done');
}

function cycle(source, line, members) {
  const ring = [...members, members[0]].map((path) => path.split('/').slice(-2).join('/')).join(' → ');
  return finding(
    { path: source.path, line },
    'import/cycle',
    ring,
    'move what both need into a third file, or pass it in',
  );
}
