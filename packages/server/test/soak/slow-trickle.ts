/**
 * Frames in the smallest pieces and of the largest announced size, each way, through a proxy in this process whose clock stands
 * still: what is legal arrives whole, what is not ends both sides.
 */
import { CLOSE_ROWS, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import type { VoiceProxyOptions } from '../../src/index.ts';
import type { MockSession } from '../../src/testing/mock-session.ts';
import { encodeFrame, OPCODES } from '../../src/testing/wire-frames.ts';
import { type AbuseBench, startBench } from '../support/abuse-bench.ts';
import type { RawClient } from '../support/raw-client.ts';
import { messageBytes } from '../support/wire-peer.ts';
import { Findings, type SoakOutcome, secondsSince } from './outcome.ts';
import type { SoakPlace } from './target.ts';
import { withCleanup } from './with-cleanup.ts';

export interface SlowTrickleSize {
  /** Bytes that come one a second, by the clock of the proxy; fewer than its idle time has seconds. */
  readonly seconds: number;
  /** Bytes that come each in a packet of its own. */
  readonly chunks: number;
  /** Fragments of one byte in a message that must pass. */
  readonly fragments: number;
  /** The same, in a message that may be refused. */
  readonly manyFragments: number;
}

/** An open session: its two ends, in the form in which they send bytes. */
interface Open {
  readonly bench: AbuseBench;
  readonly client: RawClient;
  readonly upstream: MockSession;
}

type Way = 'up' | 'down';
const WAYS: readonly Way[] = ['up', 'down'];
const DEADLINE_MS = 30_000;

async function openSession(place: SoakPlace, limits: VoiceProxyOptions['limits'] = {}): Promise<Open> {
  const legs = place.legs as VoiceProxyOptions['legs'];
  const bench = await startBench(place.test, {
    upstream: () => undefined,
    mock: { allow: { anyFirstFrame: true }, onViolation: 'record' },
    proxy: { limits: { pingIntervalMs: Infinity, ...limits }, legs },
  });
  const { client, session } = await bench.open({ deadlineMs: DEADLINE_MS });
  return { bench, client, upstream: session };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Sends the bytes one by one, with whatever is to happen behind each. */
async function trickle(
  open: Open,
  way: Way,
  bytes: Buffer,
  behindEach: (sent: number) => unknown,
): Promise<void> {
  const to = way === 'up' ? open.client : open.upstream;
  for (let at = 0; at < bytes.length; at += 1) {
    to.sendBytes(bytes.subarray(at, at + 1));
    await behindEach(at + 1);
  }
}

/** The next message at the other end, or how the connection ended instead. */
async function outcomeAt({ client, upstream }: Open, way: Way): Promise<Buffer | string> {
  const came =
    way === 'up'
      ? upstream.waitForFrame(() => true, { deadlineMs: DEADLINE_MS }).then(({ payload }) => payload)
      : client.waitForMessage(({ payload }) => !isErrorFrame(payload)).then(({ payload }) => payload);
  const ended = (way === 'up' ? client.waitForCloseFrame() : upstream.closed).then(
    ({ code, reason }) => `${code} ${reason}`,
  );
  return Promise.any([came, ended]);
}

/** The proxy's own word before it closes. */
const isErrorFrame = (payload: Buffer): boolean => payload.toString('latin1', 0, 15) === '{"type":"Error"';

const text = (bytes: number): Buffer => Buffer.alloc(bytes, 'slow ');
const frameOf = (payload: Buffer, way: Way): Buffer =>
  encodeFrame({ opcode: OPCODES.text, payload, mask: way === 'up' });

type Part = (place: SoakPlace, size: SlowTrickleSize, way: Way, findings: Findings) => Promise<string>;

function judge(came: Buffer | string, expected: Buffer, what: string, findings: Findings): string {
  if (typeof came === 'string') {
    findings.list.push(`${what}: ended with ${came}`);
    return came;
  }
  findings.expect(came.equals(expected), `${what}: another message came`);
  return 'whole';
}

/** One byte a second. */
const byteASecond: Part = async (place, { seconds }, way, findings) => {
  const open = await openSession(place);
  const payload = text(seconds);
  await trickle(open, way, frameOf(payload, way), async () => {
    open.bench.clock.advance(1_000);
    await turn();
  });
  const result = judge(await outcomeAt(open, way), payload, `a byte a second ${way}`, findings);
  await end(open);
  return result;
};

/** The same while the proxy pings: in the middle of its frame a client can answer nothing, yet it is there. */
const byteASecondWithPings: Part = async (place, { seconds }, way) => {
  const open = await openSession(place, { pingIntervalMs: 25_000 });
  await trickle(open, way, frameOf(text(seconds), way), async () => {
    open.bench.clock.advance(1_000);
    await turn();
  });
  const came = await outcomeAt(open, way);
  await end(open);
  return typeof came === 'string' ? `ended-${came.trim()}` : 'whole';
};

/** Each byte a write of its own. */
const oneByteChunks: Part = async (place, { chunks }, way, findings) => {
  const open = await openSession(place);
  const payload = text(chunks);
  // A turn now and then lets the other side read while this one writes.
  await trickle(open, way, frameOf(payload, way), (sent) => (sent % 16 === 0 ? turn() : undefined));
  const result = judge(await outcomeAt(open, way), payload, `one-byte chunks ${way}`, findings);
  await end(open);
  return result;
};

function fragmentsOf(count: number, way: Way): Buffer {
  const cuts = Array.from({ length: count - 1 }, (_, at) => at + 1);
  return messageBytes({ kind: 'text', payload: Buffer.alloc(count, 'f') }, cuts, way === 'up');
}

const tinyFragments: Part = async (place, { fragments }, way, findings) => {
  const open = await openSession(place);
  (way === 'up' ? open.client : open.upstream).sendBytes(fragmentsOf(fragments, way));
  const came = await outcomeAt(open, way);
  const result = judge(came, Buffer.alloc(fragments, 'f'), `${fragments} fragments ${way}`, findings);
  await end(open);
  return result;
};

/** So many that a server may refuse them; but then by a row, and with an end to both sides. */
const manyFragments: Part = async (place, { manyFragments: count }, way, findings) => {
  const open = await openSession(place);
  (way === 'up' ? open.client : open.upstream).sendBytes(fragmentsOf(count, way));
  const came = await outcomeAt(open, way);
  if (typeof came !== 'string') {
    const result = judge(came, Buffer.alloc(count, 'f'), `${count} fragments ${way}`, findings);
    await end(open);
    return result;
  }
  const reason = await expectRow(
    open,
    ['PolicyViolation', 'TooLarge', 'UpstreamUnavailable'],
    `${count} fragments ${way}`,
    findings,
  );
  await end(open);
  return reason;
};

const HUGE = [2 ** 63, 2 ** 62, 2 ** 53];

/** A frame of absurd size is refused at its header. */
const hugeAnnouncement: Part = async (place, _size, way, findings) => {
  const before = process.memoryUsage().rss;
  for (const announcedBytes of HUGE) {
    const open = await openSession(place);
    const to = way === 'up' ? open.client : open.upstream;
    to.sendBytes(
      encodeFrame({ opcode: OPCODES.binary, announcedBytes, payload: 'some', mask: way === 'up' }),
    );
    await expectRow(
      open,
      ['TooLarge', 'ProtocolError', 'UpstreamUnavailable'],
      `${announcedBytes} bytes announced ${way}`,
      findings,
    );
    await end(open);
  }
  const grown = process.memoryUsage().rss - before;
  findings.expect(grown < 64 * 1_048_576, `${grown} bytes more of memory for huge announcements ${way}`);
  return 'refused';
};

async function expectRow(
  { client }: Open,
  names: readonly (keyof typeof CLOSE_ROWS)[],
  what: string,
  findings: Findings,
): Promise<string> {
  const { code, reason } = await client.waitForCloseFrame();
  const isRow = names.some((name) => CLOSE_ROWS[name].code === code && CLOSE_ROWS[name].word === reason);
  findings.expect(isRow, `${what}: closed with ${code} "${reason}"`);
  return reason;
}

/** Whatever has happened, nothing may be left. */
async function end({ bench, client }: Open): Promise<void> {
  client.close(NORMAL_CLOSURE);
  const drained = bench.proxy.drain();
  // Whoever does not answer is destroyed at the deadlines.
  await turn();
  bench.clock.advance(60_000);
  await drained;
  await bench.mock.waitForIdle({ deadlineMs: DEADLINE_MS });
  await bench.proxy.close();
  await bench.mock.close();
}

const PARTS: Readonly<Record<string, Part>> = {
  byteASecond,
  byteASecondWithPings,
  oneByteChunks,
  tinyFragments,
  manyFragments,
  hugeAnnouncement,
};

export async function slowTrickle(place: SoakPlace, size: SlowTrickleSize): Promise<SoakOutcome> {
  const startMs = Date.now();
  const findings = new Findings();
  const numbers: Record<string, number | string> = {};
  for (const [name, part] of Object.entries(PARTS)) {
    for (const way of WAYS) {
      try {
        numbers[`${name}-${way}`] = await withCleanup((test) =>
          part({ ...place, test }, size, way, findings),
        );
      } catch (error) {
        findings.list.push(`${name} ${way}: ${String(error)}`);
      }
    }
  }
  return {
    scenario: 'slow-trickle',
    violations: findings.list,
    numbers: { ...numbers, seconds: secondsSince(startMs) },
  };
}
