import { expect, it } from 'vitest';
import { typeOf } from './media-type.ts';

it.each([
  ['application/json', 'application/json', 'utf-8'],
  ['Application/JSON; Charset="UTF-8"', 'application/json', 'utf-8'],
  ['application/json;charset=utf8', 'application/json', 'utf-8'],
  ['text/plain; a=b; charset=latin1', 'text/plain', 'latin1'],
  [undefined, '', 'utf-8'],
])('reads %j as %s in %s', (header, type, charset) => {
  expect(typeOf(header)).toEqual({ type, charset });
});
