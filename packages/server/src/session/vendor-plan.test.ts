import { expect, it } from 'vitest';
import { ABNORMAL_CLOSURE, NORMAL_CLOSURE } from '../contract/index.ts';
import type { LegClose } from '../leg/leg.ts';
import { openAiRealtime } from '../upstream/presets/openai-realtime.ts';
import { withSpares } from '../upstream/with-spares.ts';
import { isVendorLimit, toVendorPlan } from './vendor-plan.ts';
import type { Visit } from './visit.ts';

const HOUR_MS = 3_600_000;
const ROUTE = openAiRealtime({ apiKey: 'a-key-that-must-not-be-told' });
const [service = ''] = Object.keys(ROUTE.preset.endpoints);

const planOf = (route: typeof ROUTE) =>
  toVendorPlan(
    { id: 'x', route, credential: {}, upgrade: { subprotocols: [] } } as unknown as Visit,
    service,
  );
const lost: LegClose = { code: ABNORMAL_CLOSURE, reason: '' };

it('knows the end of a session that is as old as its provider lets them become, and of no other', () => {
  const plan = planOf(ROUTE);
  expect(
    [HOUR_MS - 5_001, HOUR_MS - 5_000, HOUR_MS].map((ageMs) => isVendorLimit(plan, lost, ageMs)),
  ).toEqual([false, true, true]);
  for (const close of [
    { ...lost, code: NORMAL_CLOSURE },
    { ...lost, code: 4000 },
  ])
    expect(isVendorLimit(plan, close, HOUR_MS)).toBe(false);
  expect(isVendorLimit(plan, { ...lost, fault: 'ProtocolError' }, HOUR_MS)).toBe(false);
});

it('counts the time for which the connection may have waited as a spare', () => {
  const plan = planOf(
    withSpares(ROUTE, { count: 1, longestIdleMs: 30_000, query: { model: 'gpt-realtime' } }),
  );
  expect(isVendorLimit(plan, lost, HOUR_MS - 35_001)).toBe(false);
  expect(isVendorLimit(plan, lost, HOUR_MS - 35_000)).toBe(true);
});
