import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ProxyError } from '../errors.ts';
import { guardLookup } from './guarded-lookup.ts';

const PUBLIC: LookupAddress = { address: '8.8.8.8', family: 4 };
const PUBLIC_6: LookupAddress = { address: '2606:4700::1', family: 6 };
const PRIVATE: LookupAddress = { address: '10.0.0.1', family: 4 };

const resolver =
  (...found: LookupAddress[]): LookupFunction =>
  (_, options, callback) => {
    if (options.all === true) callback(null, found);
    else callback(null, found[0]?.address ?? '', found[0]?.family);
  };

/** What the socket is told. */
function ask(resolve: LookupFunction, all: boolean): unknown[] {
  let told: unknown[] = [];
  guardLookup(resolve, 'public')('upstream.example', { all }, (...args) => (told = args));
  return told;
}

describe('a guarded lookup', () => {
  it('hands over all addresses that may be dialled, in order, and no other', () => {
    expect(ask(resolver(PUBLIC_6, PRIVATE, PUBLIC), true)).toEqual([null, [PUBLIC_6, PUBLIC]]);
  });

  it('hands over one address where one is asked for', () => {
    expect(ask(resolver(PUBLIC), false)).toEqual([null, '8.8.8.8', 4]);
  });

  it.for([
    { found: [PRIVATE], all: true },
    { found: [PRIVATE], all: false },
    { found: [], all: true },
    { found: [], all: false },
  ])('fails when none of $found may be dialled', ({ found, all }) => {
    const [error] = ask(resolver(...found), all);
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({
      closeName: 'UpstreamUnavailable',
      message: 'the address of the upstream is not allowed',
    });
  });

  it('passes on why a name does not resolve', () => {
    const failure = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
    expect(ask((_, __, callback) => callback(failure, ''), true)[0]).toBe(failure);
  });
});
