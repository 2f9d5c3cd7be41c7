import { describe, expect, it } from 'vitest';
import { CLOSE_ROWS, mayBeSent, type CloseName } from '../contract/index.ts';
import type { LegClose } from '../leg/leg.ts';
import { closeForClient, closeForUpstream, describeCause, type EndCause } from './end-cause.ts';

const redact = (reason: string): string => `clean(${reason})`;
const names = Object.keys(CLOSE_ROWS) as CloseName[];
const NORMAL = { code: CLOSE_ROWS.IdleTimeout.code };
const faults = ['ProtocolError', 'BadPayload', 'TooLarge', 'PolicyViolation', 'KindDenied'] as const;

const by = (side: 'client' | 'upstream', close: Partial<LegClose>): EndCause => ({
  by: side,
  close: { code: 1006, reason: '', ...close },
});

/** Codes that a peer may have sent, and those that no close frame may carry. */
const passed = [
  ...new Set(Object.values(CLOSE_ROWS).map((row) => row.code)),
  1001,
  1010,
  1014,
  3000,
  4000,
  4408,
  4999,
];
const unsendable = [1004, 1006, 1015, 0, 401, 999, 1016, 2999, 5000, 65_535];

describe('an end by the proxy', () => {
  it.each(names)('closes the client by the row %s and the upstream normally', (name) => {
    const row = CLOSE_ROWS[name];
    expect(closeForClient({ by: 'proxy', name }, redact)).toEqual({ code: row.code, reason: row.word, name });
    expect(closeForUpstream({ by: 'proxy', name }, redact)).toEqual(NORMAL);
    expect(describeCause({ by: 'proxy', name })).toEqual({ cause: row.word, code: row.code });
  });

  it('tells the log why, and nobody else', () => {
    const cause: EndCause = { by: 'proxy', name: 'Internal', why: 'secret why' };
    const { code, word } = CLOSE_ROWS.Internal;
    expect(describeCause(cause)).toEqual({ cause: word, code, why: 'secret why' });
    expect(JSON.stringify([closeForClient(cause, redact), closeForUpstream(cause, redact)])).not.toContain(
      'why',
    );
  });

  it('states the wait in the reason', () => {
    expect(closeForClient({ by: 'proxy', name: 'RateLimited', retryAfterMs: 11_001 }, redact)).toEqual({
      code: CLOSE_ROWS.RateLimited.code,
      reason: 'rate_limited retry_after=12',
      name: 'RateLimited',
      retryAfterMs: 11_001,
    });
  });
});

describe('an end by the upstream', () => {
  it.each(passed)('passes code %i to the client, with the reason cleaned', (code) => {
    const plan = closeForClient(by('upstream', { code, reason: 'why' }), redact);
    expect(plan).toEqual({ code, reason: 'clean(why)' });
  });

  it.each(unsendable)(
    'tells the client of code %i as a lost upstream, without the foreign reason',
    (code) => {
      const row = CLOSE_ROWS.UpstreamUnavailable;
      const plan = closeForClient(by('upstream', { code, reason: 'secret why' }), redact);
      expect(plan).toEqual({ code: row.code, reason: row.word, name: 'UpstreamUnavailable' });
    },
  );

  it('stays a close without a code', () => {
    expect(closeForClient(by('upstream', { code: 1005 }), redact)).toEqual({});
  });

  it.each([
    ['ProtocolError', 'UpstreamUnavailable'],
    ['BadPayload', 'UpstreamUnavailable'],
    ['PolicyViolation', 'UpstreamUnavailable'],
    ['KindDenied', 'UpstreamUnavailable'],
    ['TooLarge', 'TooLarge'],
  ] as const)(
    'by breaking the protocol (%s) is told as %s, since the client is not at fault',
    (fault, name) => {
      const cause = by('upstream', { code: CLOSE_ROWS[fault].code, reason: 'x', fault });
      expect(closeForClient(cause, redact)).toMatchObject({ name });
      expect(describeCause(cause)).toEqual({ cause: CLOSE_ROWS[fault].word, code: CLOSE_ROWS[fault].code });
    },
  );

  it.each(passed)('is answered with its own code %i and reason, not cleaned', (code) => {
    const plan = closeForUpstream(by('upstream', { code, reason: 'own words' }), redact);
    expect(plan).toEqual({ code, reason: 'own words' });
  });

  it.each([1005, ...unsendable])('is answered with an empty close frame for code %i', (code) => {
    expect(closeForUpstream(by('upstream', { code, reason: 'x' }), redact)).toEqual({});
  });

  it.each(faults)('by breaking the protocol (%s) is closed with the row of its fault', (fault) => {
    const row = CLOSE_ROWS[fault];
    const plan = closeForUpstream(by('upstream', { fault, reason: 'x' }), redact);
    expect(plan).toEqual({ code: row.code, reason: row.word, name: fault });
  });
});

describe('an end by the client', () => {
  it.each(passed)('passes code %i to the upstream, with the reason cleaned', (code) => {
    const plan = closeForUpstream(by('client', { code, reason: 'why' }), redact);
    expect(plan).toEqual({ code, reason: 'clean(why)' });
  });

  it.each(unsendable)('tells the upstream of code %i as a normal end, without a reason', (code) => {
    expect(closeForUpstream(by('client', { code, reason: 'why' }), redact)).toEqual(NORMAL);
  });

  it('stays a close without a code', () => {
    expect(closeForUpstream(by('client', { code: 1005 }), redact)).toEqual({});
  });

  it.each(faults)(
    'by breaking the protocol (%s) is told by its row, and ends the upstream normally',
    (fault) => {
      const cause = by('client', { fault });
      const row = CLOSE_ROWS[fault];
      expect(closeForClient(cause, redact)).toEqual({ code: row.code, reason: row.word, name: fault });
      expect(closeForUpstream(cause, redact)).toEqual(NORMAL);
      expect(describeCause(cause)).toMatchObject({ cause: row.word });
    },
  );

  it.each(passed)('is answered with its own code %i and reason, not cleaned', (code) => {
    const cause = by('client', { code, reason: 'own words' });
    expect(closeForClient(cause, redact)).toEqual({ code, reason: 'own words' });
    expect(describeCause(cause)).toEqual({ cause: 'client', code });
  });

  it.each([1005, ...unsendable])('is answered with an empty close frame for code %i', (code) => {
    expect(closeForClient(by('client', { code, reason: 'x' }), redact)).toEqual({});
  });
});

describe('a close plan', () => {
  it('never holds a code that may not be sent, for any code of any side', () => {
    for (let code = 0; code <= 5_100; code += 1) {
      for (const side of ['client', 'upstream'] as const) {
        const cause = by(side, { code });
        for (const plan of [closeForClient(cause, redact), closeForUpstream(cause, redact)]) {
          expect(plan.code === undefined || mayBeSent(plan.code)).toBe(true);
        }
      }
    }
  });
});
