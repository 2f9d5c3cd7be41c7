/**
 * Plays one case through the proxy, in either role, and holds both ends to what the case expects. Here, and in no table,
 * stands what the contract says about ends: who is told which row, and when an error frame may come before it.
 */
import { expect } from 'vitest';
import { CLOSE_ROWS, type CloseName, NORMAL_CLOSURE } from '../../src/contract/index.ts';
import { type FrameShape, OPCODES, type WireFrame } from '../../src/testing/wire-frames.ts';
import type { RawPeer } from '../support/raw-peer.ts';
import type { TestCleanup } from '../support/test-cleanup.ts';
import { type Legs, openSession, type Role, type RouteKind } from './bench.ts';
import { close, type ConformanceCase, type Expectation } from './cases/case.ts';
import { linesOf } from './frame-lines.ts';
import { OPENED_ROUTE_FAILS_FAST } from './opened-route.ts';
import { bytesOf, writesOf } from './wire-writes.ts';

export interface Setting {
  readonly legs: Legs;
  readonly route: RouteKind;
  /** Who plays the case; the other side echoes. */
  readonly role: Role;
}

/** `ws` closes on a breach by itself, before anything else could be said to the client that it found out about. */
const TELLS_BREACHING_CLIENT: Readonly<Record<Legs, boolean>> = { bytes: true, messages: false };

/** So many writes are read one by one; of the many behind them some may be read together, which keeps the suite quick. */
const MOST_TURNS = 1024;
const WRITES_A_TURN = 16;

const GOODBYE = close(NORMAL_CLOSURE, 'done');

interface Scene {
  readonly one: ConformanceCase;
  readonly setting: Setting;
  readonly expected: Expectation;
  readonly player: RawPeer;
  readonly observer: RawPeer;
  /** The bytes of what the player sends, frame by frame. */
  readonly frames: readonly Buffer[];
}

export async function playCase(test: TestCleanup, one: ConformanceCase, setting: Setting): Promise<void> {
  const { legs, route, role } = setting;
  const echo = role === 'client' ? 'upstream' : 'client';
  const session = await openSession(test, { legs, route, echo });
  const player = session[role];
  const frames = one.sends.map((sent) => bytesOf(sent, player.options.isClient));
  const expected = expectationOf(one, setting);
  const scene: Scene = { one, setting, expected, player, observer: session[echo], frames };
  await send(scene);
  if (expected.ending.kind === 'open') await expectOpen(scene);
  await Promise.all([player.gone(), scene.observer.gone()]);
  expectObserver(scene);
  expectPlayer(scene);
}

/** What the case expects of these legs on this route. */
export function expectationOf(one: ConformanceCase, { legs, route }: Setting): Expectation {
  const differs = route === 'opened' ? one.opened : legs === 'messages' ? one.messages : undefined;
  return { ...one.bytes, ...differs };
}

async function send({ one, setting, player, frames }: Scene): Promise<void> {
  if (one.sends.some(({ opcode }) => opcode === OPCODES.close)) player.noteOwnClose();
  if (one.isLockstep || one.sends.some(({ awaitsPongs }) => awaitsPongs)) {
    await sendByTurns(one, player, frames);
    return;
  }
  const isEnough = setting.route === 'opened' && OPENED_ROUTE_FAILS_FAST;
  const writes = writesOf(frames, one).slice(0, isEnough ? one.writesUntilFault : undefined);
  // Who has been told of its end stops sending.
  for (const [at, bytes] of writes.entries()) {
    if (player.closeFrame) return;
    await player.write(bytes, at > MOST_TURNS && at % WRITES_A_TURN !== 0);
  }
}

/** Frame by frame, or as much as may go at once; waits for pongs or echoes where the case does. */
async function sendByTurns(one: ConformanceCase, player: RawPeer, frames: readonly Buffer[]): Promise<void> {
  let pings = 0;
  let waiting: Buffer[] = [];
  for (const [at, sent] of one.sends.entries()) {
    if (sent.opcode === OPCODES.ping) pings += 1;
    waiting.push(frames[at] ?? Buffer.alloc(0));
    if (!one.isLockstep && one.chop !== 'frames' && !sent.awaitsPongs) continue;
    await player.write(Buffer.concat(waiting));
    waiting = [];
    if (one.isLockstep) await player.until(() => player.frames.length > at, `echo ${at + 1}`);
    if (sent.awaitsPongs) await player.until(() => player.pongs === pings, `pong ${pings}`);
  }
  if (waiting.length > 0) await player.write(Buffer.concat(waiting));
}

/** Everything has come at both ends; then the player's close shows that nothing else comes. */
async function expectOpen({ one, expected, player, observer }: Scene): Promise<void> {
  const { passes } = expected;
  const returned = returnsOf(one, expected).length;
  const isOver = (): boolean => observer.isGone || player.isGone;
  await observer.until(() => observer.frames.length >= passes.length || isOver(), `${passes.length} frames`);
  await player.until(() => player.frames.length >= returned || isOver(), `${returned} frames back`);
  if (isOver()) return;
  player.noteOwnClose();
  await player.write(player.encode(GOODBYE));
}

/** What the echo makes of what passes; who answers pings is the legs' concern, so they come from the case itself. */
function returnsOf(one: ConformanceCase, { passes }: Expectation): FrameShape[] {
  const toPong = ({ payload = '' }: FrameShape): FrameShape => ({ opcode: OPCODES.pong, payload });
  const echoed = passes.some(isPing) ? passes : [...one.bytes.passes.filter(isPing), ...passes];
  return echoed
    .filter((frame) => isPing(frame) || isMessage(frame))
    .map((frame) => (isPing(frame) ? toPong(frame) : frame));
}

const isPing = ({ opcode }: FrameShape): boolean => opcode === OPCODES.ping;
const isMessage = ({ opcode }: FrameShape): boolean => opcode < OPCODES.close;

function expectObserver(scene: Scene): void {
  const { setting, expected, observer, frames } = scene;
  const { passes, ending } = expected;
  const { told, came } = takeEnd(observer);
  expectSound(observer);
  expect(linesOf(came), 'what the other side received').toEqual(linesOf(passes));
  const isClient = setting.role === 'upstream';
  if (ending.kind === 'breach') {
    const row = isClient ? lossOf(ending.row) : undefined;
    expectEnd(observer, row ? rowClose(row) : close(NORMAL_CLOSURE));
    expectTold(told, row && isBetweenMessages(came) ? row : undefined);
  } else {
    expectEnd(observer, ending.kind === 'open' ? GOODBYE : close(ending.code, ending.reason));
    expectTold(told, undefined);
  }
  if (setting.legs === 'bytes' && setting.route === 'pass-through') {
    const legal = Buffer.concat(frames.slice(0, passes.length));
    expect(observer.bytes.subarray(0, legal.length).equals(legal), 'the same bytes, masks included').toBe(
      true,
    );
  }
}

function expectPlayer({ one, setting, expected, player }: Scene): void {
  const { ending } = expected;
  const { told, came } = takeEnd(player);
  const returns = returnsOf(one, expected);
  expectSound(player);
  if (ending.kind === 'open') {
    // Where the proxy itself answers pings, a pong may overtake an echo.
    const inOrder = setting.legs === 'messages' ? byKind : (frames: readonly FrameShape[]) => frames;
    expect(linesOf(inOrder(came)), 'what came back').toEqual(linesOf(inOrder(returns)));
    expectEnd(player, GOODBYE);
    expectTold(told, undefined);
    return;
  }
  // An end does not wait for echoes: what came back is the beginning of what could have.
  for (const isKind of [isMessage, isPongFrame]) {
    const part = came.filter(isKind);
    expect(linesOf(part), 'what came back').toEqual(linesOf(returns.filter(isKind).slice(0, part.length)));
  }
  const isToldClient = setting.role === 'client' && TELLS_BREACHING_CLIENT[setting.legs];
  const row = ending.kind === 'breach' ? ending.row : undefined;
  expectEnd(player, ending.kind === 'breach' ? rowClose(ending.row) : close(ending.code, ending.reason));
  expectTold(told, isToldClient && isBetweenMessages(came) ? row : undefined);
}

const isPongFrame = ({ opcode }: FrameShape): boolean => opcode === OPCODES.pong;
const byKind = (frames: readonly FrameShape[]): FrameShape[] => [
  ...frames.filter((frame) => !isMessage(frame)),
  ...frames.filter(isMessage),
];

/** What a client is told of an upstream's breach: the limit on messages by its name, everything else as a loss. */
function lossOf(row: CloseName): CloseName {
  return row === 'TooLarge' ? row : 'UpstreamUnavailable';
}

const rowClose = (name: CloseName): FrameShape => close(CLOSE_ROWS[name].code, CLOSE_ROWS[name].word);

/** True when a text frame of the proxy may follow (RFC 6455 5.4). */
function isBetweenMessages(frames: readonly WireFrame[]): boolean {
  return frames.findLast(isMessage)?.fin ?? true;
}

/** Parts the frames before the close into those of the other side and the proxy's own error frame. */
function takeEnd(peer: RawPeer): { came: readonly WireFrame[]; told: WireFrame | undefined } {
  const before = peer.frames.at(-1)?.opcode === OPCODES.close ? peer.frames.slice(0, -1) : peer.frames;
  const last = before.at(-1);
  const isError =
    last?.opcode === OPCODES.text && last.payload.toString('latin1').startsWith('{"type":"Error"');
  return isError ? { came: before.slice(0, -1), told: last } : { came: before, told: undefined };
}

/** Whole frames, masked as the proxy's role demands, and a connection that ended instead of breaking. */
function expectSound(peer: RawPeer): void {
  const wrong = peer.frames.filter(({ masked }) => masked === peer.options.isClient);
  expect(linesOf(wrong), 'frames with a wrong mask').toEqual([]);
  expect(peer.pendingBytes, 'bytes of an unfinished frame').toBe(0);
  expect(peer.wasReset, 'a reset').toBe(false);
}

function expectEnd(peer: RawPeer, shape: FrameShape): void {
  expect(linesOf(peer.frames.slice(-1)), 'how it ended').toEqual(linesOf([shape]));
}

function expectTold(told: WireFrame | undefined, row: CloseName | undefined): void {
  const word = told && (JSON.parse(told.payload.toString()) as { code?: unknown }).code;
  expect(word, 'the error frame before the close').toBe(row && CLOSE_ROWS[row].word);
}
