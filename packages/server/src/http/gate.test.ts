import { expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import type { CallerChecks } from '../auth/caller.ts';
import { type HttpFault, plainShape } from './fault.ts';
import { createGate, type Visitor } from './gate.ts';

const NOBODY = { refusal: 'AuthRequired', why: 'no token' } as const;
const ROUTE = {
  ...({ kind: 'http', title: 'x', method: 'POST', body: undefined, isCounted: true } as const),
  rate: { max: 1, windowMs: 60_000, message: 'later' },
  credentialSlots: [{ in: 'header', name: 'authorization', format: '{key}' }] as const,
  faults: plainShape,
  answer: () => Promise.resolve(undefined),
};

/** A gate that takes any token for the name of a user; says `in`, or why not. */
function rig(): (address: string, token?: string) => Promise<string> {
  const clock = createTestClock();
  const checks: CallerChecks = {
    origins: { allows: () => true },
    auth: {
      title: 'by the test',
      authenticate: async (token = '') => (token === '' ? NOBODY : { principal: { id: token } }),
    },
    now: () => clock.now(),
  };
  const gate = createGate({ clock, checks, authMs: 1_000 });
  return (address, token) =>
    gate(visitorFrom(address, token)).then(
      () => 'in',
      (error: unknown) => (error as HttpFault).fault.error,
    );
}

function visitorFrom(address: string, token: string | undefined): Visitor {
  const headers = { host: 'h', ...(token === undefined ? {} : { authorization: token }) };
  const request = { method: 'POST', url: '/', headers, headersDistinct: {}, rawHeaders: [], socket: {} };
  const response = { setHeader: () => undefined, getHeader: () => undefined, hasHeader: () => false };
  const { signal } = new AbortController();
  return { request, response, route: ROUTE, address, signal } as unknown as Visitor;
}

it('counts users apart from strangers, however many of those come', async () => {
  const visit = rig();
  // More than are followed one by one.
  for (let at = 0; at < 50_100; at += 1)
    expect(await visit(`2001:db8:${(at >> 16).toString(16)}:${(at & 0xffff).toString(16)}::1`)).not.toBe(
      'in',
    );
  for (let at = 0; at < 10; at += 1) expect(await visit('192.0.2.1', `user-${at}`)).toBe('in');
  expect(await visit('192.0.2.1', 'user-1')).toBe('Rate limit exceeded');
});
