/**
 * What a session that could not be resumed says: provokes it by waiting longer than the server holds, by more than it holds,
 * and by a message longer than that, and compares what is reported with what was really lost.
 */
import type { MockFrame } from '../../src/testing/message-reader.ts';
import { Changes } from '../../src/testing/changes.ts';
import type { FarEnd } from '../support/far-end.ts';
import { type JournalEntry, journalDifference, MessageJournal } from '../support/message-journal.ts';
import { createSessionClient, type ResetReport, type SessionClient } from '../support/session-client.ts';
import { reconnect } from './cuts.ts';
import { untilStill, within } from './limits.ts';
import { Findings, type SoakOutcome, secondsSince } from './outcome.ts';
import { type SoakPlace, startTarget } from './target.ts';
import { isOwnText } from './own-texts.ts';

export interface ResetsSize {
  /** What the provider sends while the client is away. */
  readonly floodBytes: number;
  /** One message, longer than what a server may hold. */
  readonly longBytes: number;
  readonly limitMs: number;
}

const HOLD_MS = 1_000;
const STILL_MS = 300;
const DEADLINE_MS = 5_000;
const FRAME_BYTES = 32_768;

/** One session between a client and a provider that both keep journals. */
class Talk {
  readonly client: SessionClient;
  readonly taken = new MessageJournal();
  readonly given = new MessageJournal();
  readonly changes = new Changes();
  fars: FarEnd[] = [];
  isFarGone = false;

  constructor(client: SessionClient) {
    this.client = client;
  }

  opened(far: FarEnd): void {
    const isFirst = this.fars.length === 0;
    this.fars.push(far);
    if (isFirst) {
      far.listener = {
        onMessage: (message) => {
          if (!isOwnText(message)) this.taken.note(message);
          this.changes.notify();
        },
        onGone: () => {
          this.isFarGone = true;
          this.changes.notify();
        },
      };
    }
    this.changes.notify();
  }

  async give(message: MockFrame): Promise<void> {
    this.given.note(message);
    await this.fars[0]?.send(message);
  }

  until(probe: () => boolean, what: string): Promise<true> {
    return this.changes.wait({ probe: () => probe() || undefined, what: () => what }, { deadlineMs: 30_000 });
  }
}

const binary = (bytes: number, fill: number): MockFrame => ({
  kind: 'binary',
  payload: Buffer.alloc(bytes, fill),
});

type Part = (talk: Talk, findings: Findings, size: ResetsSize) => Promise<string>;

export async function resets(place: SoakPlace, size: ResetsSize): Promise<SoakOutcome> {
  const startMs = Date.now();
  const findings = new Findings();
  const numbers: Record<string, number | string> = {};
  const patient = await startTalks(place, 30_000);
  const brief = await startTalks(place, HOLD_MS);
  for (const [name, part] of Object.entries(PARTS)) {
    const talk = await (part === heldTooLong ? brief : patient)(name);
    numbers[name] = await within(size.limitMs, name, part(talk, findings, size));
    findings.list.push(...talk.client.faults.map((fault) => `${name}: ${fault}`));
    talk.client.destroy();
  }
  return {
    scenario: 'resets',
    violations: findings.list,
    numbers: { ...numbers, seconds: secondsSince(startMs) },
  };
}

type OpenTalk = (tag: string) => Promise<Talk>;

/** A server that holds for so long, and the way to sessions of it in which a message each way has passed. */
async function startTalks(place: SoakPlace, holdMs: number): Promise<OpenTalk> {
  const talks = new Map<string, Talk>();
  const target = await startTarget(place, {
    limits: { resumeHoldMs: holdMs },
    onSession: (far, tag) => talks.get(tag)?.opened(far),
  });
  return async (tag) => {
    const talk = new Talk(
      createSessionClient(place.test, {
        port: target.port,
        mode: 'session',
        target: () => target.pathOf(tag),
        deadlineMs: DEADLINE_MS,
      }),
    );
    talks.set(tag, talk);
    await talk.client.connect();
    await talk.until(() => talk.fars.length > 0, 'the upstream to be dialled');
    await talk.client.send(binary(100, 1));
    await talk.give(binary(100, 2));
    await talk.client.settled();
    await talk.client.waitForReceived(1);
    return talk;
  };
}

/** Away for longer than the server holds: the session is over, and where its counts are known they tell what got lost. */
async function heldTooLong(talk: Talk, findings: Findings): Promise<string> {
  talk.client.cut();
  await talk.client.send(binary(200, 3));
  await talk.until(() => talk.isFarGone, 'the hold to end');
  await reconnect(talk.client);
  const [reset] = talk.client.resets;
  const isExact = reset?.cause === 'lost' && reset.received === 1 && reset.sent === 1;
  findings.expect(
    isExact || reset?.cause === 'unknown',
    `held too long: the reset is ${JSON.stringify(reset)}`,
  );
  expectCounts(talk, findings, reset);
  await expectNewSession(talk, findings);
  return String(reset?.cause);
}

/** More for the client than a server may hold: either the provider waits, or what was lost is told exactly. */
async function floodedWhileAway(talk: Talk, findings: Findings, { floodBytes }: ResetsSize): Promise<string> {
  talk.client.cut();
  let sent = 0;
  const flood = (async () => {
    for (; sent * FRAME_BYTES < floodBytes; sent += 1) await talk.give(binary(FRAME_BYTES, sent & 0xff));
  })();
  // A provider that must wait ends with its session.
  flood.catch(() => undefined);
  await untilStill(() => sent, STILL_MS);
  await reconnect(talk.client);
  return whatBecame(talk, findings, flood);
}

/** A message that no server need hold, cut while it comes. */
async function longMessageDown(talk: Talk, findings: Findings, { longBytes }: ResetsSize): Promise<string> {
  const sending = talk.give(binary(longBytes, 5));
  await talk.client.cutWhileReceiving(1_000);
  await reconnect(talk.client);
  return whatBecame(talk, findings, sending);
}

/** The same towards the provider: nothing may come twice, however much of it was passed on already. */
async function longMessageUp(talk: Talk, findings: Findings, { longBytes }: ResetsSize): Promise<string> {
  await talk.client.cutWhileSending(binary(longBytes, 6), longBytes >> 1, 'end');
  await reconnect(talk.client);
  return whatBecame(talk, findings, Promise.resolve());
}

/** A resume that was overtaken by another, of the same id and from before what the client has acknowledged since. */
async function lateResume(talk: Talk, findings: Findings): Promise<string> {
  talk.client.cut();
  const overtaken = talk.client.lateResume();
  await talk.client.resume();
  // Long enough to be acknowledged at once, and what follows shows that the acknowledgement was taken.
  await talk.give(binary(40_000, 11));
  await talk.client.waitForReceived(talk.given.entries.length);
  await talk.client.send(binary(500, 12));
  await talk.until(
    () => talk.taken.entries.length === talk.client.given.entries.length,
    'a message to arrive',
  );
  await overtaken();
  // Whether or not it was taken away meanwhile, the session must be there.
  findings.expect(talk.client.state !== 'closed', 'late resume: the session was closed');
  if (talk.client.state === 'closed') return 'closed';
  await reconnect(talk.client);
  findings.expect(talk.client.resets.length === 0, `late resume: ${JSON.stringify(talk.client.resets)}`);
  return whatBecame(talk, findings, Promise.resolve());
}

/** Acknowledgements must get through however much the provider has to say. */
async function ackUnderFlood(talk: Talk, findings: Findings): Promise<string> {
  const sinceMs = Date.now();
  const flow = { isOver: false };
  const flood = (async () => {
    while (!flow.isOver) await talk.give(binary(5_000, 13));
  })();
  await talk.client.waitForReceived(50);
  await talk.client.send(binary(1_000, 14));
  await talk.client.settled().catch((error: unknown) => findings.list.push(`under flood: ${String(error)}`));
  const tookMs = Date.now() - sinceMs;
  flow.isOver = true;
  await flood;
  await talk.client.waitForReceived(talk.given.entries.length);
  return `${tookMs}ms`;
}

const PARTS: Readonly<Record<string, Part>> = {
  heldTooLong,
  floodedWhileAway,
  longMessageDown,
  longMessageUp,
  lateResume,
  ackUnderFlood,
};

async function whatBecame(talk: Talk, findings: Findings, giving: Promise<unknown>): Promise<string> {
  const [reset] = talk.client.resets;
  if (reset) {
    expectCounts(talk, findings, reset);
    await expectNewSession(talk, findings);
    return `reset ${String(reset.cause)}`;
  }
  await giving;
  await talk.give(binary(7, 7));
  await talk.client.send(binary(8, 8));
  await talk.client.settled();
  await talk.client.waitForReceived(talk.given.entries.length);
  const down = journalDifference(talk.given.entries, talk.client.delivered.entries);
  findings.expect(down === undefined, `down: ${down}`);
  const up = journalDifference(talk.client.given.entries, talk.taken.entries);
  findings.expect(up === undefined, `up: ${up}`);
  return 'resumed';
}

/** Holds what a reset says against what really arrived. */
function expectCounts(
  { client, taken, given }: Talk,
  findings: Findings,
  reset: ResetReport | undefined,
): void {
  if (!reset) return;
  const told = JSON.stringify(reset);
  const arrived = taken.entries.length;
  expectStartOf(findings, 'up', client.given.entries, taken.entries);
  expectStartOf(findings, 'down', given.entries, client.delivered.entries.slice(0, reset.ownReceived));
  findings.expect(arrived >= reset.acknowledged, `${arrived} arrived of those acknowledged: ${told}`);
  if (reset.cause === 'unknown') return;
  findings.expect(reset.received === arrived, `${arrived} messages reached the provider: ${told}`);
  const sent = Number(reset.sent);
  findings.expect(
    sent >= reset.ownReceived && sent <= given.entries.length,
    `${given.entries.length} messages were sent: ${told}`,
  );
}

function expectStartOf(
  findings: Findings,
  what: string,
  whole: readonly JournalEntry[],
  part: readonly JournalEntry[],
): void {
  const difference = journalDifference(whole.slice(0, part.length), part);
  findings.expect(difference === undefined, `${what}, before the reset: ${difference}`);
}

/** Behind a reset a new session begins and counts from nothing. */
async function expectNewSession(talk: Talk, findings: Findings): Promise<void> {
  await talk.until(() => talk.fars.length > 1, 'a new session behind the reset');
  const anew = new MessageJournal();
  const far = talk.fars.at(-1) as FarEnd;
  far.listener = { onMessage: (message) => void (isOwnText(message) || anew.note(message)) };
  const before = talk.client.delivered.entries.length;
  await talk.client.send(binary(300, 9));
  await far.send(binary(400, 10));
  await talk.client.settled();
  await talk.client.waitForReceived(1);
  findings.expect(talk.client.sent === 1, `${talk.client.sent} messages counted in the new session`);
  findings.expect(
    talk.client.delivered.entries[before]?.bytes === 400,
    'the new session began with another message',
  );
  findings.expect(anew.entries.length === 1, `${anew.entries.length} messages reached the new session`);
}
