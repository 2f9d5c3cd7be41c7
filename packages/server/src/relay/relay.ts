/**
 * Joins two legs: bytes pass in order, a full leg holds back the other, opened texts are judged, pings go through, and in
 * session mode the client's leg can be lost and replaced. It knows no route, user, provider or deadline; the session that
 * made it decides what an end means.
 */
import { randomBytes } from 'node:crypto';
import { type CloseName, CONTROL_BYTE, MAX_CONTROL_FRAME_BYTES } from '../contract/index.ts';
import type { Leg, LegClose, ListenOptions } from '../leg/leg.ts';
import { Ear } from './ear.ts';
import type { DirectionRules } from './judge.ts';
import { HOLD, Lane, type Farewell } from './lane.ts';
import { MessageHold } from './message-hold.ts';
import { ReplayBuffer, type ReplayPool } from './replay-buffer.ts';
import { TextGate } from './text-gate.ts';
import { DEFAULT_WATERMARKS, type Watermarks } from './watermarks.ts';

export type Side = 'client' | 'upstream';

/** What passed in one direction: whole messages, and payload bytes. */
export interface Traffic {
  readonly frames: number;
  readonly bytes: number;
}

export interface RelayListener {
  /** Each peer's end, once for each leg. */
  onClose(side: Side, close: LegClose): void;
  /** Each socket's end, once, after `onClose`. */
  onGone(side: Side): void;
  /** The side that does not take what it is sent; `isStalled` false when it does again. */
  onStall(side: Side, isStalled: boolean): void;
  /** A control frame of session mode from the client. */
  onControl(text: string): void;
  /** Session mode: more than `ackBytes` of the client were taken since the last acknowledgement. */
  onOwed(): void;
  /** A judge decided on the end, or failed with `cause`. */
  onJudged(end: CloseName, cause?: unknown): void;
}

export interface RelayPlan {
  readonly watermarks?: Watermarks | undefined;
  readonly up?: DirectionRules | undefined;
  readonly down?: DirectionRules | undefined;
  /** Set in session mode. */
  readonly resumable?: ResumableRules | undefined;
}

export interface ResumableRules {
  /** What either direction may keep. */
  readonly windowBytes: number;
  readonly pool: ReplayPool;
  /** The client is owed an acknowledgement after this many bytes. */
  readonly ackBytes: number;
}

/** Random ones in the payload of our pings. */
const OWN_PING_BYTES = 6;
const NONE: Traffic = { frames: 0, bytes: 0 };

export class Relay {
  readonly #listener: RelayListener;
  readonly #plan: RelayPlan;
  /** From the client to the upstream, and back. */
  readonly #up: Lane;
  readonly #down: Lane;
  readonly #upGate: TextGate | undefined;
  readonly #downGate: TextGate | undefined;
  readonly #replay: ReplayBuffer | undefined;
  readonly #hold: MessageHold | undefined;
  readonly #upstream: Ear;
  #client: Ear;
  #isDetached = false;
  /** What client legs before this one sent, and what of all that were control frames. */
  #earlier = NONE;
  #control = NONE;
  #paidBytes = 0;
  #earlierSigns = 0;
  /** The payload of our own pings, once there was one; the pongs that answer them go no further. */
  #ownPing: Buffer | undefined;

  constructor(legs: { client: Leg; upstream: Leg }, listener: RelayListener, plan: RelayPlan = {}) {
    this.#listener = listener;
    this.#plan = plan;
    const { watermarks = DEFAULT_WATERMARKS, resumable, up, down } = plan;
    this.#replay = resumable && new ReplayBuffer(resumable.windowBytes, resumable.pool);
    this.#hold = resumable && new MessageHold(resumable.windowBytes);
    const onStall = (side: Side) => (isStalled: boolean) => listener.onStall(side, isStalled);
    const onPass = resumable && (() => this.#noteOwed(resumable.ackBytes));
    this.#up = new Lane({ watermarks, hold: this.#hold, onPass, onStall: onStall('upstream') });
    this.#down = new Lane({ watermarks, replay: this.#replay, onStall: onStall('client') });
    this.#upGate = up?.judge && this.#gate(up.judge, this.#up, this.#down);
    this.#downGate = down?.judge && this.#gate(down.judge, this.#down, this.#up);
    this.#upstream = this.#earOfUpstream(legs.upstream);
    this.#client = this.#earOfClient(legs.client);
    this.#up.writeTo(legs.upstream);
    this.#down.readFrom(legs.upstream);
    this.#up.readFrom(legs.client);
    this.#down.writeTo(legs.client);
  }

  /** Starts copying; both legs must be open and not yet listened to. What was sent before is delivered first. */
  start(): void {
    // The upstream first: its greeting must not wait for the client's leg to be set up.
    this.#upstream.leg.listen(this.#upstream, this.#listening('down'));
    this.#client.leg.listen(this.#client, this.#listening('up'));
  }

  get up(): Traffic {
    return { frames: this.received, bytes: this.#takenBytes - this.#control.bytes };
  }

  get down(): Traffic {
    const { messages, bytes } = this.#upstream.leg.received;
    return { frames: messages, bytes };
  }

  /** Grows with every sign of life of the client. */
  get clientSigns(): number {
    return this.#earlierSigns + this.#client.leg.signs;
  }

  /** Bytes that a side has not taken. */
  backlog(side: Side): number {
    return this.#laneTo(side).backlog;
  }

  /** True while nothing of the client is read: it is away, or what it sends waits for an upstream that does not read, or for a judgement. */
  get isClientUnread(): boolean {
    return this.#isDetached || this.#up.isWaiting;
  }

  /** The number of the message in whose middle the client is; undefined between messages. */
  get openMessage(): number | undefined {
    const { isInMessage, received } = this.#client.leg;
    return isInMessage && !this.#isDetached ? this.#earlier.frames + received.messages : undefined;
  }

  /** A text of our own, unless a message is under way. */
  offer(side: Side, text: string): boolean {
    return this.#laneTo(side).offerText(text);
  }

  /** Has a text for the client made when it can go out: now, or at the next end of a message. */
  tellClient(makeText: () => string): void {
    this.#down.sendMade(makeText);
  }

  /** False when a frame is under way to the client, in whose middle no ping may stand. */
  pingClient(): boolean {
    return this.#down.ping(this.#toOwnPing());
  }

  /** Has the upstream get something, unless a message is under way: this text, or a ping, whose pong is not the client's. */
  keepUpstreamAwake(text: string | undefined): void {
    if (text !== undefined) {
      this.offer('upstream', text);
      return;
    }
    this.#up.ping(this.#toOwnPing());
  }

  /** Ends what goes to one side, behind the frame that is under way. */
  finish(side: Side, farewell: Farewell): void {
    this.#laneTo(side).finish(farewell);
  }

  /** Ends both directions. */
  end(farewells: Readonly<Record<Side, Farewell>>): void {
    // Before either: a leg that closes reads on.
    this.#up.mute();
    this.#down.mute();
    this.finish('upstream', farewells.upstream);
    this.finish('client', farewells.client);
  }

  /** Lets go of what was kept, and keeps nothing more. */
  release(): void {
    this.#down.stopKeeping();
    this.#replay?.clear();
    this.#hold?.forget();
  }

  /** True when the client's leg is lost and the upstream's is kept. */
  get isDetached(): boolean {
    return this.#isDetached;
  }

  /** Messages of the client that were taken whole. */
  get received(): number {
    return this.#earlier.frames + this.#client.leg.received.messages - this.#control.frames;
  }

  /** The same, and messages that were passed to it. */
  get counts(): { received: number; sent: number } {
    return { received: this.received, sent: this.#replay?.sent ?? 0 };
  }

  /** Whether the client's leg may be lost: no half message of it has gone on. */
  get canDetach(): boolean {
    return this.#hold !== undefined && this.#up.isBetweenMessages;
  }

  /** Lets go of the client's leg; what the upstream sends is kept from now on. */
  detach(): void {
    if (this.#isDetached) return;
    this.#isDetached = true;
    this.#client.isDeaf = true;
    this.#client.leg.terminate();
    this.#down.writeTo(undefined);
  }

  /** Whether a client that has this many messages can go on. */
  canAttach(received: number): boolean {
    return this.canDetach && this.#replay?.canReplay(received) === true;
  }

  /** Whether the client may have this many messages: not fewer than it has acknowledged, and no more than it was sent. */
  mayHave(received: number): boolean {
    return this.#replay?.mayHave(received) === true;
  }

  /** Gives the session a new client leg, greets it, and sends again what the client has not got. */
  attach(leg: Leg, received: number, greeting: string): void {
    this.detach();
    const { received: before, signs } = this.#client.leg;
    const { frames, bytes } = this.#earlier;
    // Half a message is sent again.
    const whole = before.bytes - before.unfinishedBytes;
    this.#earlier = { frames: frames + before.messages, bytes: bytes + whole };
    this.#earlierSigns += signs;
    this.#paidBytes = Math.min(this.#paidBytes, this.#earlier.bytes);
    this.#isDetached = false;
    this.#client = this.#earOfClient(leg);
    this.#up.readFrom(leg);
    this.#down.writeTo(leg);
    leg.send(greeting);
    // Not before the rest is sent again is it given up, if it must be.
    this.#replay?.acknowledge(received);
    this.#down.replay(received);
    leg.listen(this.#client, { ...this.#listening('up'), startsPaused: this.#up.isWaiting });
  }

  /** What the client is told by an acknowledgement, which pays what it is owed. */
  settleAccount(): number {
    this.#paidBytes = this.#takenBytes;
    return this.received;
  }

  get #takenBytes(): number {
    return this.#earlier.bytes + this.#client.leg.received.bytes;
  }

  #noteOwed(ackBytes: number): void {
    if (this.#takenBytes - this.#paidBytes >= ackBytes) this.#listener.onOwed();
  }

  /** The client has this many messages. False when that cannot be. */
  acknowledge(received: number): boolean {
    if (!this.#replay?.acknowledge(received)) return false;
    this.#down.acknowledged();
    return true;
  }

  #laneTo(side: Side): Lane {
    return side === 'client' ? this.#down : this.#up;
  }

  #gate(judge: NonNullable<DirectionRules['judge']>, lane: Lane, back: Lane): TextGate {
    const { onJudged } = this.#listener;
    return new TextGate({ judge, lane, answer: (text) => answer(lane, back, text), onEnd: onJudged });
  }

  #earOfUpstream(leg: Leg): Ear {
    return new Ear({
      leg,
      out: this.#down,
      back: this.#up,
      onText: (payload) => this.#downGate?.take(payload) ?? true,
      onPong: (payload) => this.#isOwnPong(payload),
      onClose: (close) => this.#listener.onClose('upstream', close),
      onGone: () => this.#listener.onGone('upstream'),
    });
  }

  #earOfClient(leg: Leg): Ear {
    return new Ear({
      leg,
      out: this.#up,
      back: this.#down,
      onText: (payload) => this.#takeClientText(payload),
      onPong: (payload) => this.#isOwnPong(payload),
      onClose: (close) => this.#listener.onClose('client', close),
      onGone: () => this.#listener.onGone('client'),
    });
  }

  /** Of this relay alone: another proxy on the way has pings of its own, whose pongs must reach it. */
  #toOwnPing(): Buffer {
    this.#ownPing ??= Buffer.from(`voxproxy-${randomBytes(OWN_PING_BYTES).toString('base64url')}`);
    return this.#ownPing;
  }

  #isOwnPong(payload: Buffer): boolean {
    return this.#ownPing?.equals(payload) === true;
  }

  #takeClientText(payload: Buffer): boolean {
    if (!this.#plan.resumable || payload[0] !== CONTROL_BYTE) return this.#upGate?.take(payload) ?? true;
    const { frames, bytes } = this.#control;
    this.#control = { frames: frames + 1, bytes: bytes + payload.length };
    this.#listener.onControl(payload.toString());
    return true;
  }

  #listening(direction: 'up' | 'down'): ListenOptions {
    const rules = this.#plan[direction];
    const inSessionMode = this.#plan.resumable !== undefined;
    return {
      opens: rules?.judge ? 'text' : inSessionMode && direction === 'up' ? 'control' : 'none',
      maxOpenedBytes: rules?.judge ? rules.maxOpenedBytes : MAX_CONTROL_FRAME_BYTES,
      countsMessages: inSessionMode && direction === 'down',
      refuses: rules?.refuses,
    };
  }
}

/** Whoever does not read what it is told is not read either. */
function answer(lane: Lane, back: Lane, text: string): boolean {
  const isTaken = back.sendText(text);
  if (back.isFull) lane.wait(HOLD.unread);
  return isTaken;
}
