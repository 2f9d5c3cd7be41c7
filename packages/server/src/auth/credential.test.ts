import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readQuery, readSubprotocols, type Slot } from '../contract/index.ts';
import { findCredential, type FoundCredential } from './credential.ts';

/** The slots of a vendor whose SDK offers pairs of subprotocols or an authorization header of its own. */
const VENDOR: readonly Slot[] = [
  { in: 'subprotocol', values: ['token', '{key}'] },
  { in: 'subprotocol', values: ['bearer', '{key}'] },
  { in: 'header', name: 'authorization', format: 'Token {key}' },
];

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';

interface Upgrade {
  readonly query?: string;
  readonly authorization?: string;
  readonly offer?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function find(upgrade: Upgrade, slots: readonly Slot[] = VENDOR): FoundCredential {
  const headers: Record<string, string | undefined> = {
    authorization: upgrade.authorization,
    ...upgrade.headers,
  };
  return findCredential(
    {
      query: readQuery(upgrade.query ?? ''),
      header: (name) => headers[name],
      subprotocols: readSubprotocols(upgrade.offer) ?? [],
    },
    slots,
  );
}

const rest = (found: FoundCredential): string => found.query.map((pair) => pair.raw).join('&');

describe('findCredential finds the token', () => {
  it.each([
    { title: 'in ?token=', upgrade: { query: 'token=X' }, place: 'query' },
    { title: 'in an encoded name', upgrade: { query: 'to%6ben=X' }, place: 'query' },
    { title: 'in an encoded value', upgrade: { query: 'token=%58' }, place: 'query' },
    { title: 'in Authorization: Bearer', upgrade: { authorization: 'Bearer X' }, place: 'authorization' },
    { title: 'in authorization of any case', upgrade: { authorization: 'bEaReR X' }, place: 'authorization' },
    {
      title: 'in our subprotocol pair',
      upgrade: { offer: 'voxproxy.v1, voxproxy.token.X' },
      place: 'subprotocol',
    },
    {
      title: 'in our pair among others',
      upgrade: { offer: 'a, voxproxy.v1, voxproxy.token.X, b' },
      place: 'subprotocol',
    },
    { title: 'in the vendor’s pair', upgrade: { offer: 'token, X' }, place: 'vendor' },
    { title: 'in the vendor’s other pair', upgrade: { offer: 'bearer, X' }, place: 'vendor' },
    { title: 'in the vendor’s pair among others', upgrade: { offer: 'a, token, X, b' }, place: 'vendor' },
    { title: 'in Authorization: Token', upgrade: { authorization: 'Token X' }, place: 'vendor' },
    { title: 'in Authorization: tOkEn', upgrade: { authorization: 'tOkEn X' }, place: 'vendor' },
  ])('$title', ({ upgrade, place }) => {
    expect(find(upgrade)).toMatchObject({ token: 'X', place, isAmbiguous: false });
  });

  it.each([
    { title: 'nowhere', upgrade: {} },
    { title: 'in an empty parameter', upgrade: { query: 'token=' } },
    { title: 'in a parameter without value', upgrade: { query: 'token' } },
    { title: 'in a name that is encoded twice', upgrade: { query: 'to%256ben=X' } },
    { title: 'in a name of other case', upgrade: { query: 'Token=X' } },
    { title: 'behind a semicolon', upgrade: { query: 'a=1;token=X' } },
    { title: 'in Authorization: Basic', upgrade: { authorization: 'Basic X' } },
    { title: 'in Authorization without a scheme', upgrade: { authorization: 'X' } },
    { title: 'in an empty Authorization', upgrade: { authorization: 'Bearer ' } },
    { title: 'in a vendor pair without its second half', upgrade: { offer: 'token' } },
    { title: 'in a vendor pair of other case', upgrade: { offer: 'TOKEN, X' } },
    { title: 'in our pair without its first half', upgrade: { offer: 'voxproxy.token.X' } },
    { title: 'in our pair the wrong way round', upgrade: { offer: 'voxproxy.token.X, voxproxy.v1' } },
    { title: 'in our pair with something between', upgrade: { offer: 'voxproxy.v1, a, voxproxy.token.X' } },
    { title: 'in our pair without a token', upgrade: { offer: 'voxproxy.v1, voxproxy.token.' } },
  ])('not $title', ({ upgrade }) => {
    expect(find(upgrade)).toMatchObject({ token: undefined, place: undefined, isAmbiguous: false });
  });

  it('in the vendor’s slots of a route only', () => {
    expect(find({ offer: 'token, X' }, [])).toMatchObject({ token: undefined });
    const slots: Slot[] = [
      { in: 'header', name: 'x-api-key', format: '{key}' },
      { in: 'query', name: 'api_key', format: 'v1:{key}' },
    ];
    expect(find({ headers: { 'x-api-key': 'X' } }, slots)).toMatchObject({ token: 'X', place: 'vendor' });
    const byQuery = find({ query: 'a=1&api_key=v1:X&api_key=rubbish' }, slots);
    expect(byQuery).toMatchObject({ token: 'X', place: 'vendor', isAmbiguous: false });
    expect(rest(byQuery)).toBe('a=1');
  });
});

describe('findCredential and several tokens', () => {
  const everywhere = (...[offered, authorization, query]: string[]): Upgrade => ({
    offer: `token, ${offered}`,
    authorization: `Bearer ${authorization}`,
    query: `token=${query}`,
  });

  it('counts the same one once, by the place that comes first', () => {
    expect(find(everywhere('X', 'X', 'X'))).toMatchObject({
      token: 'X',
      place: 'vendor',
      isAmbiguous: false,
    });
    expect(find({ query: 'token=X&token=X', authorization: 'Bearer X' })).toMatchObject({
      place: 'query',
      isAmbiguous: false,
    });
    expect(find({ query: 'token=X&to%6Ben=%58' })).toMatchObject({ token: 'X', isAmbiguous: false });
  });

  it.each([
    { title: 'two parameters', upgrade: { query: 'token=a&token=b' } },
    { title: 'two spellings of the parameter', upgrade: { query: 'token=a&to%6ben=b' } },
    { title: 'query and header', upgrade: { query: 'token=a', authorization: 'Bearer b' } },
    { title: 'query and vendor header', upgrade: { query: 'token=a', authorization: 'Token b' } },
    { title: 'query and subprotocol', upgrade: { query: 'token=a', offer: 'voxproxy.v1, voxproxy.token.b' } },
    { title: 'vendor pair and header', upgrade: { offer: 'token, a', authorization: 'Bearer b' } },
    { title: 'both vendor pairs', upgrade: { offer: 'token, a, bearer, b' } },
    { title: 'vendor pair and ours', upgrade: { offer: 'token, a, voxproxy.v1, voxproxy.token.b' } },
    { title: 'a third that differs', upgrade: everywhere('a', 'a', 'b') },
    { title: 'tokens that differ in case', upgrade: { query: 'token=a', authorization: 'Bearer A' } },
  ])('finds $title ambiguous when they differ', ({ upgrade }) => {
    expect(find(upgrade).isAmbiguous).toBe(true);
  });
});

describe('findCredential strips', () => {
  it('names of other case too, though it does not read them', () => {
    const found = find({ query: 'Token=abc&a=1&token=def&TOKEN' });
    expect([found.token, found.isAmbiguous, rest(found)]).toEqual(['def', false, 'a=1']);
  });

  it.each([
    { query: 'a=1&token=X&b=2', left: 'a=1&b=2' },
    { query: 'token=X&a=1&to%6ben=Y&%74%6f%6b%65%6e=Z', left: 'a=1' },
    { query: 'token', left: '' },
    { query: 'token=&a=%20', left: 'a=%20' },
    { query: 'mytoken=1&token2=2', left: 'mytoken=1&token2=2' },
  ])('$query to $left', ({ query, left }) => {
    expect(rest(find({ query }))).toBe(left);
  });

  it('every token from the query, whatever surrounds it', () => {
    const name = fc.constantFrom('token', 'to%6ben', '%54oken', 'a', 'token%20', 'tok', '%', 'tokeN');
    const pair = fc
      .tuple(name, fc.constantFrom('=X', '', '=', '=X=Y', '=%58'))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(pair), (pairs) => {
        const found = find({ query: pairs.join('&') });
        expect(found.query.some((one) => one.name.toLowerCase() === 'token')).toBe(false);
        expect(found.query.map((one) => one.raw)).toEqual(
          pairs.filter((raw) => !/^(t|%54)o(k|%6b)e(n|N)(=|$)/.test(raw)),
        );
      }),
    );
  });
});

describe('findCredential echoes', () => {
  it.each([
    { offer: 'token, X', echo: 'token' },
    { offer: 'bearer, X', echo: 'bearer' },
    { offer: 'realtime, token, X', echo: 'realtime' },
    { offer: 'voxproxy.v1, voxproxy.token.X', echo: 'voxproxy.v1' },
    { offer: 'a', echo: 'a' },
    { offer: undefined, echo: undefined },
    { offer: 'voxproxy.token.X', echo: undefined },
    { offer: 'voxproxy.token.X, voxproxy.v1', echo: 'voxproxy.v1' },
    { offer: 'VOXPROXY.TOKEN.X, voxproxy.v1', echo: 'voxproxy.v1' },
    { offer: 'voxproxy.token.A, voxproxy.v1, voxproxy.token.X', echo: 'voxproxy.v1' },
    { offer: 'a.X.b, token, X', echo: 'token' },
    { offer: `${JWT}, token`, echo: 'token' },
    { offer: JWT, echo: undefined },
    { offer: 'a'.repeat(32), echo: 'a'.repeat(32) },
    { offer: 'a'.repeat(33), echo: undefined },
  ])('$echo for $offer', ({ offer, echo }) => {
    expect(find(offer === undefined ? {} : { offer }).echo).toBe(echo);
  });

  it('never a token, wherever it stands in the offer', () => {
    const token = JWT;
    const carrier = fc.constantFrom(token, `voxproxy.token.${token}`, `VoxProxy.Token.${token}`);
    const plain = fc.uniqueArray(fc.constantFrom('a', 'voxproxy.v1', 'token', 'bearer', 'realtime'));
    fc.assert(
      fc.property(plain, plain, carrier, (before, after, one) => {
        const offer = [...new Set([...before, one, ...after])];
        expect(find({ offer: offer.join(', ') }).echo ?? '').not.toContain(token);
      }),
    );
  });

  it('nothing that a token of another place stands in', () => {
    expect(find({ query: 'token=X', offer: 'X' }).echo).toBeUndefined();
    expect(find({ query: 'token=A&token=X', offer: 'X.y, A, z' }).echo).toBe('z');
  });
});
