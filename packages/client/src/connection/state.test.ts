/** The table of legal moves. */
import { expect, test } from 'vitest';
import { isLive, mayMove, type ClientState } from './state.ts';

const moves: [ClientState, ClientState, boolean][] = [
  ['idle', 'authorizing', true],
  ['idle', 'open', false],
  ['idle', 'closed', false],
  ['authorizing', 'connecting', true],
  ['authorizing', 'open', false],
  ['connecting', 'open', true],
  ['connecting', 'authorizing', false],
  ['open', 'closing', true],
  ['open', 'connecting', false],
  ['waiting', 'authorizing', true],
  ['waiting', 'open', false],
  ['offline', 'authorizing', true],
  ['closing', 'closed', true],
  ['closing', 'open', false],
  ['closing', 'authorizing', false],
  ['closed', 'authorizing', true],
  ['failed', 'authorizing', true],
  ['failed', 'closed', false],
];

test.each(moves)('lets a client go from %s to %s: %s', (from, to, isLegal) => {
  expect(mayMove(from, to)).toBe(isLegal);
});

test('lets a client stay where it is', () => {
  expect(mayMove('waiting', 'waiting')).toBe(true);
});

test('takes frames while a connection is there or being made', () => {
  const states: ClientState[] = ['authorizing', 'connecting', 'open', 'waiting', 'offline'];
  expect(states.every(isLive)).toBe(true);
  expect((['idle', 'closing', 'closed', 'failed'] as const).some(isLive)).toBe(false);
});
