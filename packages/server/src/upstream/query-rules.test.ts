import { expect, it } from 'vitest';
import { readQuery } from '../contract/index.ts';
import type { QueryRules } from './preset.ts';
import { applyQueryRules } from './query-rules.ts';

const RENAMED = { rename: { apiVersion: 'api-version' } };

type Row = [title: string, rules: QueryRules, query: string, verdict: object];

it.each<Row>([
  ['replaces a pinned value', { pin: { m: '1' } }, 'm=2&M=3&a=b', { pairs: ['a=b', 'm=1'] }],
  ['does not judge what it replaces', { pin: { m: '1' }, listed: { m: [] } }, 'm=2', { pairs: ['m=1'] }],
  ['judges what is pinned for another', { pin: { m: '1' }, listed: { n: [] } }, 'n=2', { denied: 'n' }],
  [
    'replaces by the vendor’s name what the client calls otherwise',
    { ...RENAMED, pin: { 'api-version': '2' } },
    'apiVersion=1&api-version=1&API-Version=1',
    { pairs: ['api-version=2'] },
  ],
  [
    'replaces by the client’s name, and sends the vendor’s',
    { ...RENAMED, pin: { apiVersion: '2' } },
    'api-version=1&apiversion=1',
    { pairs: ['api-version=2'] },
  ],
  [
    'sends defaults by the vendor’s name',
    { ...RENAMED, defaultEach: { apiVersion: '2' } },
    '',
    { pairs: ['api-version=2'] },
  ],
  ['denies by either name', { ...RENAMED, deny: ['api-version'] }, 'apiVersion=1', { denied: 'apiVersion' }],
  ['denies by the other', { ...RENAMED, deny: ['apiVersion'] }, 'API-version=1', { denied: 'API-version' }],
  [
    'lists by either name',
    { ...RENAMED, listed: { 'api-version': ['1'] } },
    'apiVersion=2',
    { denied: 'apiVersion' },
  ],
  [
    'allows by either name',
    { ...RENAMED, allow: { apiVersion: '1' } },
    'api-version=2',
    { denied: 'api-version' },
  ],
  [
    'lets what is allowed pass',
    { ...RENAMED, allow: { apiVersion: '1' } },
    'api-version=1',
    { pairs: ['api-version=1'] },
  ],
])('%s', (_, rules, query, verdict) => {
  expect(applyQueryRules(rules, readQuery(query))).toEqual(verdict);
});
