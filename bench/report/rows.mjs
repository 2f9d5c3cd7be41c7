/** What was measured, as rows of the one table: ratio and spread, absolute value, goal and verdict, faults. Pure. */
import { goalOf } from '../goals.mjs';
import { FAULTS, sumOfFaults } from '../wire/stamp-checker.mjs';
import { spreadOf } from './statistics.mjs';
import { tableOf } from './table.mjs';

const columns = [
  ...[{ title: 'measured' }, { title: 'contender' }, { title: 'against' }],
  ...['ratio', 'quartiles', 'absolute', 'goal'].map((title) => ({ title, isNumber: true })),
  ...[{ title: 'verdict' }, { title: 'faults' }],
];

const number = (value) =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const ratioOf = (samples) => (samples.length === 0 ? undefined : spreadOf(samples));

/**
 * @typedef {object} Measurement
 * @property {string} section @property {string} title @property {string} contender
 * @property {string} [against] @property {string} [part] of the section, where goals differ by it
 * @property {number[]} [ratios] one a round @property {number[]} [values] absolute, one a round @property {string} [unit]
 * @property {object} [faults] @property {string} [note] why something is missing
 */

/** `met` or `missed` where there is a goal and a value; empty where there is no goal. @param {Measurement} row */
export function verdictOf(row) {
  const goal = goalOf(row);
  if (!goal) return '';
  const value = spreadOf((goal.unit ? row.values : row.ratios) ?? []).median;
  if (value === undefined || Number.isNaN(value)) return 'not measured';
  return value <= goal.most ? 'met' : 'missed';
}

/** A row with faults, or without the value it stands for, fails the run; one that only fell away does not. */
export const isFailure = ({ faults, isBroken = false }) => isBroken || (faults && sumOfFaults(faults) > 0);

export function faultsText({ faults, note }) {
  const counted = FAULTS.filter((fault) => faults?.[fault] > 0).map((fault) => `${faults[fault]} ${fault}`);
  return [...counted, ...(note ? [note] : [])].join(', ').replaceAll('|', '/') || '0';
}

function cellsOf(row) {
  const ratio = ratioOf(row.ratios ?? []);
  const value = ratioOf(row.values ?? []);
  const goal = goalOf(row);
  return [
    ...[row.title, row.contender, row.against ?? ''],
    ratio ? ratio.median.toFixed(2) : '-',
    ratio ? `${ratio.low.toFixed(2)}-${ratio.high.toFixed(2)}` : '-',
    value ? `${number(value.median)} ${row.unit ?? ''}`.trim() : '-',
    goal ? `<= ${goal.most} ${goal.unit ?? ''}`.trim() : '',
    verdictOf(row),
    faultsText(row),
  ];
}

/** @param {Measurement[]} rows */
export const printRows = (rows) => tableOf(columns, rows.map(cellsOf));
