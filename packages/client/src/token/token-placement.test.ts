/** Where a token ends up. */
import { expect, test } from 'vitest';
import { AuthError } from '../errors.ts';
import { SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from '../contract.ts';
import { placeToken, type TokenTransport } from './token-placement.ts';

const target = { url: 'wss://host/route', protocols: ['mine'] };

test('adds the token to the query and keeps the rest byte for byte', () => {
  expect(placeToken(target, 'query', 'a+b/c=').url).toBe('wss://host/route?token=a%2Bb%2Fc%3D');
  const withQuery = { ...target, url: 'wss://host/route?keywords=a%20b&x=1' };
  expect(placeToken(withQuery, 'query', 't').url).toBe('wss://host/route?keywords=a%20b&x=1&token=t');
  expect(placeToken(target, 'query', 't').protocols).toEqual(['mine']);
});

test('offers the token as a subprotocol beside the plain one', () => {
  expect(placeToken(target, 'subprotocol', 'a.b-c_d')).toEqual({
    url: target.url,
    protocols: [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}a.b-c_d`, 'mine'],
  });
});

test('changes nothing without a token', () => {
  expect(placeToken(target, 'query', undefined)).toBe(target);
  expect(placeToken(target, 'subprotocol', undefined)).toBe(target);
});

const unfit: [TokenTransport, string][] = [
  ['subprotocol', 'cGFkZGVk=='.replace('==', '=,')],
  ['subprotocol', 'with space'],
  ['subprotocol', 'slash/inside'],
  ['subprotocol', 'ümlaut'],
  ['query', 'half a pair \ud800'],
];

test.each(unfit)(
  'says clearly that a token does not fit into a %s, without showing it',
  (transport, token) => {
    const place = () => placeToken(target, transport, token);
    expect(place).toThrow(AuthError);
    expect(place).toThrow(new RegExp(transport));
    expect(place).not.toThrow(token);
  },
);
