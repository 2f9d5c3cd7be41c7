/** What can be chosen on the command line. */
import { expect, test } from 'vitest';
import { chooseContenders, contenders } from './contenders.mjs';
import { readPlan, sectionNames } from './plan.mjs';

test('everything is measured unless less is asked for', () => {
  expect(readPlan({}).sections).toEqual(sectionNames);
  expect(readPlan({ only: 'connects,cpu' }).sections).toEqual(['cpu', 'connects']);
  expect(() => readPlan({ only: 'speed' })).toThrow('speed');
});

test('a quick plan has the same sections with less to do', () => {
  const quick = readPlan({ quick: true });
  expect(quick.cpu.rounds).toBeLessThan(readPlan({}).cpu.rounds);
  expect(Object.keys(quick)).toEqual(Object.keys(readPlan({})));
});

test('a contender brings what it is compared with', () => {
  expect(chooseContenders(['ours-tls'])).toEqual(['tls-pipe', 'ours-tls']);
  expect(chooseContenders()).toEqual(Object.keys(contenders));
  expect(() => chooseContenders(['other'])).toThrow('other');
});
