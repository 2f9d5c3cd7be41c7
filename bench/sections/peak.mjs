/** Peak memory over base: while large messages pass, each way, and while a client does not read what is sent to it. */
import { setTimeout as after } from 'node:timers/promises';
import { peakOf, resetPeak, residentOf } from '../rig/memory.mjs';
import { onFreshOnes, withRatios } from './fresh.mjs';

const contenders = ['pipe', 'ours', 'ours-session', 'ws-relay', 'nginx'];
const SMALL = 640;
const FLOOD_FRAME = 65_536;
/** As much as one read of a socket takes in Node. */
const ORDINARY = 65_536;
const ORDINARY_SESSIONS = 4;
const ORDINARY_ROUNDS = 192;
const PASS_MS = 8_000;

const mebibytes = (bytes) => `${bytes / 1_048_576} MB`;

export async function measurePeak({ rig, field, plan, say }) {
  const { bytes, messages, flood, stallMs } = plan.peak;
  const cases = [
    ...bytes.map((size) => ({
      title: `peak, ${mebibytes(size)} messages up`,
      wish: { up: size, down: SMALL },
    })),
    ...bytes.map((size) => ({
      title: `peak, ${mebibytes(size)} messages down`,
      wish: { up: SMALL, down: size },
    })),
    {
      title: `peak, ${mebibytes(flood)} to a client that does not read`,
      wish: { up: SMALL, down: FLOOD_FRAME, flood },
    },
  ];
  const rows = [];
  // A process of its own for each case: memory that one case leaves behind would hide what the next one takes.
  for (const each of cases) {
    const work = (contender) => measureCase(rig, contender, { ...each, messages, stallMs });
    rows.push(...(await onFreshOnes({ rig, field }, contenders, work)));
  }
  if (rows.some(({ isCoarse }) => isCoarse))
    say('peak: the kernel does not keep peaks here; read at the end only');
  return withRatios(rows, 'pipe');
}

/**
 * What is resident at most while the same bytes pass as ordinary messages: code is loaded then, and the heap has the
 * garbage that any traffic leaves. Only what is above that is the price of large messages.
 */
async function baseOf(rig, contender) {
  resetPeak(contender.pids);
  for (const wish of [
    { up: ORDINARY, down: SMALL },
    { up: SMALL, down: ORDINARY },
  ]) {
    const group = await rig.group(contender, wish);
    await group.open(ORDINARY_SESSIONS);
    await group.ask('exchange', { rounds: ORDINARY_ROUNDS, limitMs: 500 });
    await group.close();
  }
  return peakOf(contender.pids);
}

async function measureCase(rig, contender, { title, wish, messages, stallMs }) {
  const base = await baseOf(rig, contender);
  const group = await rig.group(contender, wish);
  const { refusal } = await group.open(1);
  const canReset = resetPeak(contender.pids);
  const note = wish.flood ? await stall(group, stallMs) : await pass(group, messages);
  const peak = canReset ? peakOf(contender.pids) : residentOf(contender.pids);
  const outcome = await group.close();
  const row = {
    section: 'peak',
    title,
    contender: contender.name,
    unit: 'KiB over base',
    isCoarse: !canReset,
  };
  const values = refusal ? [] : [Math.max(0, peak - base)];
  const said = refusal || note || outcome.note;
  return [{ ...row, values, ...outcome, note: said, isBroken: values.length === 0 }];
}

async function pass(group, messages) {
  const taken = await group.ask('exchange', { rounds: messages, limitMs: PASS_MS });
  return taken === messages ? '' : `${taken} of ${messages} passed in time`;
}

/** Watches for a bounded time, and goes on as soon as the upstream cannot send any more. */
async function stall(group, limitMs) {
  await group.ask('stopReading');
  const deadline = performance.now() + limitMs;
  let last = -1;
  let calm = 0;
  while (calm < 3 && performance.now() < deadline) {
    await after(200);
    const { floodBytes } = await group.tally();
    calm = floodBytes === last ? calm + 1 : 0;
    last = floodBytes;
  }
  return '';
}
