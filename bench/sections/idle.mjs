/** Memory of an idle session: the difference between few and many sessions that have each exchanged some messages. */
import { settledResident } from '../rig/memory.mjs';
import { collectGarbage, onFreshOnes, withRatios } from './fresh.mjs';

const contenders = [
  'pipe',
  'ours',
  'ours-session',
  'ours-messages',
  'ws-relay',
  'http-proxy',
  'nginx',
  'haproxy',
];
const VOICE = { up: 640, down: 1_920 };
const EXCHANGE_MS = 5_000;

export async function measureIdle({ rig, field, plan }) {
  const { few, many, messages } = plan.idle;
  const rows = await onFreshOnes({ rig, field }, contenders, async (contender) => {
    const group = await rig.group(contender, VOICE);
    const residents = [];
    const refusals = [];
    for (const count of [few, many]) {
      const { refusal } = await group.open(count, 30_000);
      if (refusal) refusals.push(refusal);
      await group.ask('exchange', { rounds: messages, limitMs: EXCHANGE_MS });
      await collectGarbage(contender).catch(() => undefined);
      residents.push(await settledResident(contender.pids));
    }
    const outcome = await group.close();
    const values = refusals.length > 0 ? [] : [(residents[1] - residents[0]) / (many - few)];
    const row = { section: 'idle', title: `memory of an idle session (${few} to ${many})`, values };
    const note = refusals[0] ?? outcome.note;
    const facts = { contender: contender.name, unit: 'KiB a session', isBroken: values.length === 0 };
    return [{ ...row, ...facts, ...outcome, note }];
  });
  return withRatios(rows, 'pipe');
}
