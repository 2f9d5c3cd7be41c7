import { expect, it } from 'vitest';
import { readQuery } from '../contract/index.ts';
import { withListedDefaults } from './listed-defaults.ts';
import type { QueryRules } from './preset.ts';
import { applyQueryRules } from './query-rules.ts';

const LISTED = { model: ['nova*', 'base*'] };
const BARE: QueryRules = {
  listed: LISTED,
  defaults: { model: 'nova-3', rate: '1' },
  defaultsUnless: ['enc'],
};
const EACH: QueryRules = { listed: LISTED, defaultEach: { model: 'nova-3' }, required: [['model']] };
const NONE: QueryRules = { listed: LISTED };

type Row = [title: string, rules: QueryRules, list: string[], query: string, sent: string[] | 'missing'];

it.each<Row>([
  ['keeps a default that is listed', EACH, ['nova-2', 'nova-3'], '', ['model=nova-3']],
  ['keeps one that a beginning lists', EACH, ['nova*'], '', ['model=nova-3']],
  [
    'gives a default that is listed to whoever names none',
    BARE,
    ['nova-3'],
    'enc=a',
    ['enc=a', 'model=nova-3'],
  ],
  ['keeps the others for whoever says nothing', BARE, ['nova-2'], '', ['rate=1', 'model=nova-2']],
  [
    'takes the first whole name in place of another',
    EACH,
    ['nova*x', 'nova-2', 'nova-1'],
    '',
    ['model=nova-2'],
  ],
  ['takes the first name that the preset knows', EACH, ['mine', 'base-1'], '', ['model=base-1']],
  ['takes a name that the preset does not know in place of its default', EACH, ['mine'], '', ['model=mine']],
  ['takes the first whole name where there was no default', NONE, ['nova-2'], '', ['model=nova-2']],
  ['wants a name where the list has none', EACH, ['base*'], '', 'missing'],
  ['wants a name where the list is of another endpoint', NONE, ['aura-1'], '', 'missing'],
  ['leaves the default where any name is listed', EACH, ['nova-2', '*'], '', ['model=nova-3']],
  ['leaves what the client names', EACH, ['nova-2'], 'model=nova-2', ['model=nova-2']],
  [
    'leaves a parameter alone that has to be named',
    { listed: LISTED, required: [['model', 'intent']] },
    ['nova-2'],
    'intent=a',
    ['intent=a'],
  ],
  [
    'leaves an endpoint alone that does not list it',
    { defaultEach: { rate: '1' } },
    ['nova-2'],
    '',
    ['rate=1'],
  ],
])('%s', (...row) => {
  const [, rules, list, query, sent] = row;
  const listed = { model: list };
  const verdict = applyQueryRules(withListedDefaults(rules, listed), readQuery(query), listed);
  expect(verdict).toEqual(sent === 'missing' ? { missing: 'model' } : { pairs: sent });
});
