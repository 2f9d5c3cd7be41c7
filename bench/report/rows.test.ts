/** Goals and faults must never be lost on the way into the table. */
import { describe, expect, test } from 'vitest';
import { noFaults } from '../wire/stamp-checker.mjs';
import { faultsText, isFailure, printRows, verdictOf } from './rows.mjs';

const cpu = { section: 'cpu', part: 'full', title: 'CPU/frame', contender: 'ours', against: 'pipe' };

describe('verdict', () => {
  test.each([
    ['met', { ...cpu, ratios: [1.2, 1.04, 1.0] }],
    ['missed', { ...cpu, ratios: [1.2, 1.06, 1.0] }],
    ['not measured', { ...cpu, ratios: [] }],
    ['', { ...cpu, contender: 'ws-relay', ratios: [1.4] }],
    ['met', { section: 'idle', title: 'memory', contender: 'ours', values: [21], ratios: [3] }],
    ['missed', { section: 'peak', title: 'peak', contender: 'ours', values: [4_096] }],
  ])('is "%s" for %j', (verdict, row) => {
    expect(verdictOf(row)).toBe(verdict);
  });

  test('differs by the part of a section where the goals do', () => {
    const againstNginx = { ...cpu, against: 'nginx', ratios: [1.5] };
    expect(verdictOf(againstNginx)).toBe('met');
    expect(verdictOf({ ...againstNginx, part: 'half idle' })).toBe('missed');
  });
});

describe('failure', () => {
  test('is any fault, and a row without its value', () => {
    expect(isFailure({ faults: { ...noFaults(), lost: 1 } })).toBe(true);
    expect(isFailure({ faults: noFaults(), isBroken: true })).toBe(true);
    expect(isFailure({ faults: noFaults(), note: 'not measured: too few open files' })).toBe(false);
  });

  test('is told by kind and count, with the reason behind', () => {
    const faults = { ...noFaults(), lost: 2, repeated: 1 };
    expect(faultsText({ faults, note: 'died: a | b' })).toBe('2 lost, 1 repeated, died: a / b');
    expect(faultsText({ faults: noFaults() })).toBe('0');
  });
});

test('a printed row has ratio, quartiles, absolute value, goal and verdict', () => {
  const row = { ...cpu, ratios: [1, 1.02, 1.04], values: [22, 23, 24], unit: 'us', faults: noFaults() };
  const [, , line] = printRows([row]).split('\n');
  const cells = (line ?? '').split('|').map((cell) => cell.trim());
  expect(cells.slice(1, -1)).toEqual([
    ...['CPU/frame', 'ours', 'pipe', '1.02', '1.01-1.03', '23.0 us', '<= 1.05', 'met', '0'],
  ]);
});
