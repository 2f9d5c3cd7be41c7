import { expect, it } from 'vitest';
import { createTestClock } from '../../test/support/test-clock.ts';
import type { CallerChecks } from '../auth/caller.ts';
import { type HttpFault, plainShape } from './fault.ts';
import { createGate, type Visitor } from './gate.ts';

const RATE = { max: 1, windowMs: 60_000, message: 'later' };
/** More than are followed one by one. */
const CROWD = 50_100;
const NOBODY = { refusal: 'AuthRequired', why: 'no token' } as const;

it('counts users apart from strangers, however many of those come', async () => {
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
  const route = {
    ...({ kind: 'http', title: 'x', method: 'POST', body: undefined, rate: RATE, isCounted: true } as const),
    credentialSlots: [{ in: 'header', name: 'authorization', format: '{key}' }] as const,
    faults: plainShape,
    answer: () => Promise.resolve(undefined),
  };
  const visit = (address: string, token?: string): Promise<string> => {
    const headers = { host: 'h', ...(token === undefined ? {} : { authorization: token }) };
    const request = { method: 'POST', url: '/', headers, headersDistinct: {}, rawHeaders: [], socket: {} };
    const response = { setHeader: () => undefined, getHeader: () => undefined, hasHeader: () => false };
    const visitor = { request, response, route, address, signal: new AbortController().signal };
    return gate(visitor as unknown as Visitor).then(
      () => 'in',
      (error: unknown) => (error as HttpFault).fault.error,
    );
  };
  for (let at = 0; at < CROWD; at += 1)
    expect(await visit(`2001:db8:${(at >> 16).toString(16)}:${(at & 0xffff).toString(16)}::1`)).not.toBe(
      'in',
    );
  for (let at = 0; at < 10; at += 1) expect(await visit('192.0.2.1', `user-${at}`)).toBe('in');
  expect(await visit('192.0.2.1', 'user-1')).toBe('Rate limit exceeded');
});
