/** All boundary rules over one set of sources. Pure: it reads no file, so that tests can show each rule failing. */
import * as tables from '../boundaries.mjs';
import { cycleFindings } from './cycles.mjs';
import { importFindings } from './imports.mjs';
import { ownerFindings } from './owners.mjs';
import { shapeFindings } from './shape.mjs';
import { readSource } from './source.mjs';
import { habitFindings } from './test-habits.mjs';

/** @param texts source text by path @param manifests package.json by package folder, '' is the root's */
export function findingsOf(texts, manifests = {}) {
  const sources = Object.entries(texts).map(([path, text]) => readSource(path, text));
  return [
    ...importFindings(sources, tables, manifests),
    ...cycleFindings(sources),
    ...ownerFindings(sources, tables),
    ...shapeFindings(sources, tables),
    ...habitFindings(sources, tables),
  ].toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}
