/**
 * One direction of a session: what one leg hands over is written to the other, the source waits while the target is full,
 * and frames of our own go out where they may stand.
 */
import type { DataKind, Leg } from '../leg/leg.ts';
import type { MessageHold } from './message-hold.ts';
import type { ReplayBuffer } from './replay-buffer.ts';
import type { Watermarks } from './watermarks.ts';

/** The end of a direction: a text for the peer to read, where one may still stand, then a close frame. */
export interface Farewell {
  readonly text?: string | undefined;
  /** Without a code the close frame is empty. */
  readonly code?: number | undefined;
  readonly reason?: string | undefined;
}

/** Why the source waits; it reads while none of these holds. */
export const HOLD = { full: 1, unacknowledged: 2, judging: 4, unread: 8 } as const;

/** Texts of our own that wait for the end of a message, or for acknowledgements. Whoever fills this asks too much. */
const MOST_WAITING_TEXTS = 16;

export interface LaneParts {
  readonly watermarks: Watermarks;
  /** Told when the source begins or ceases to wait for the target. */
  onStall(isStalled: boolean): void;
  /** Session mode: what is kept until the target acknowledges it. */
  readonly replay?: ReplayBuffer | undefined;
  /** Session mode: told whenever the source handed something over. */
  onPass?: (() => void) | undefined;
  /** Session mode: keeps half messages of a source that may vanish. */
  readonly hold?: MessageHold | undefined;
}

export class Lane {
  readonly #parts: LaneParts;
  readonly #highBytes: number;
  readonly #hold: MessageHold | undefined;
  readonly #onPass: (() => void) | undefined;
  #replay: ReplayBuffer | undefined;
  #from: Leg | undefined;
  #to: Leg | undefined;
  #holds = 0;
  #texts: string[] = [];
  /** Texts of our own since the target owes acknowledgements. */
  #unacknowledgedTexts = 0;
  /** Makes a text that goes out where one may stand next. */
  #makeText: (() => string) | undefined;
  #farewell: Farewell | undefined;
  #isSourceOver = false;
  #isMuted = false;
  #isOver = false;

  constructor(parts: LaneParts) {
    this.#parts = parts;
    this.#highBytes = parts.watermarks.highBytes;
    this.#hold = parts.hold;
    this.#onPass = parts.onPass;
    this.#replay = parts.replay;
  }

  /** Sets where it reads, at the start and when the session gets another client leg; half a message of the old is dropped. */
  readFrom(leg: Leg): void {
    this.#hold?.drop();
    this.#holds &= ~HOLD.unread;
    this.#from = leg;
    this.#isSourceOver = false;
  }

  /** Sets where it writes; without a leg, what comes is kept for the next. */
  writeTo(leg: Leg | undefined): void {
    this.#makeText = undefined;
    this.#change(() => {
      this.#to = leg;
    });
    this.go(HOLD.full);
  }

  /** Writes again what stands behind this count of messages; the target is a new leg that has nothing of them. */
  replay(count: number): void {
    this.#replay?.replay(count, (bytes, kind) => this.#to?.forward(bytes, kind));
    if ((this.#to?.bufferedBytes ?? 0) >= this.#highBytes) this.wait(HOLD.full);
    this.#settleReplay();
  }

  /** Keeps nothing for the target any more. */
  stopKeeping(): void {
    this.#replay = undefined;
    this.go(HOLD.unacknowledged);
  }

  /** Bytes that the target has not taken. */
  get backlog(): number {
    const kept = this.#isHeld(HOLD.unacknowledged) ? this.#replay?.heldBytes : 0;
    return (this.#to?.bufferedBytes ?? 0) + (kept ?? 0);
  }

  /** True while the source waits for a target that is there. */
  get isStalled(): boolean {
    return this.#to !== undefined && (this.#isHeld(HOLD.full) || this.#isHeld(HOLD.unacknowledged));
  }

  /** True while the target has more to take than it should. */
  get isFull(): boolean {
    return this.#isHeld(HOLD.full);
  }

  /** True while the source waits because it does not read what it is told. */
  get isUnread(): boolean {
    return this.#isHeld(HOLD.unread);
  }

  /** A message ends `offset` bytes into what the source hands over next. */
  endMessage(offset: number): void {
    this.#replay?.endMessage(offset);
  }

  /** What the source handed over. Returns true when the bytes are not needed any more. */
  pass(bytes: Buffer, kind: DataKind): boolean {
    if (this.isEnded) return true;
    const isDone =
      this.#hold && kind === 'wire' ? this.#holdBack(this.#hold, bytes) : this.#write(bytes, kind);
    this.#onPass?.();
    return isDone;
  }

  #holdBack(hold: MessageHold, bytes: Buffer): boolean {
    return hold.take(bytes, this.#from?.openBytes ?? 0, this.#passWire);
  }

  readonly #passWire = (bytes: Buffer): boolean => this.#write(bytes, 'wire');

  #write(bytes: Buffer, kind: DataKind): boolean {
    const replay = this.#replay;
    const isKept = replay !== undefined && !keep(replay, bytes, kind);
    const waiting = this.#forward(bytes, kind);
    if (replay?.isFull) this.#settleReplay();
    return !isKept && waiting === 0 && this.#to?.keepsWritten !== true;
  }

  /** Returns the bytes that the target has not taken. */
  #forward(bytes: Buffer, kind: DataKind): number {
    const to = this.#to;
    if (!to) return 0;
    to.forward(bytes, kind);
    const waiting = to.bufferedBytes;
    if (waiting >= this.#highBytes) this.wait(HOLD.full);
    return waiting;
  }

  /** Waits for acknowledgements while what is kept is full; a message that alone fills it cannot be acknowledged, and is given up. */
  #settleReplay(): void {
    const replay = this.#replay;
    const isAlone = replay !== undefined && this.#to !== undefined && replay.sent === replay.acknowledged;
    if (replay?.isFull && isAlone) replay.giveUp();
    if (replay?.isFull) this.wait(HOLD.unacknowledged);
    else this.go(HOLD.unacknowledged);
  }

  /** The target has emptied its queue. */
  drained(): void {
    this.go(HOLD.full);
  }

  /** The target acknowledged something. */
  acknowledged(): void {
    this.#settleReplay();
  }

  /** Stops reading the source until `go` with the same reason. */
  wait(reason: number): void {
    this.#change(() => {
      this.#holds |= reason;
    });
    // Asked again each time: a leg that closes reads on by itself.
    this.#from?.pause();
  }

  go(reason: number): void {
    if (!this.#isHeld(reason)) return;
    this.#change(() => {
      this.#holds &= ~reason;
    });
    if (this.#holds === 0) this.#from?.resume();
  }

  /** True while there is a reason not to read the source. */
  get isWaiting(): boolean {
    return this.#holds !== 0;
  }

  #change(make: () => void): void {
    const wasStalled = this.isStalled;
    make();
    if (this.isStalled !== wasStalled) this.#parts.onStall(!wasStalled);
  }

  /** A text of our own, if it may stand now. */
  offerText(text: string): boolean {
    if (this.#isOver || !this.#to || !this.isBetweenMessages) return false;
    this.#to.send(text);
    return true;
  }

  /**
   * A text of our own that is made when it goes out: now, or at the next end of a message. One waits at a time; it is
   * forgotten when the target changes.
   */
  sendMade(makeText: () => string): void {
    if (this.#isOver || !this.#to) return;
    this.#makeText = makeText;
    this.#sendTexts();
    this.#watchBoundary();
  }

  /**
   * A text of our own that counts as a message of this direction, at once or behind the message that is under way. False when
   * too many wait.
   */
  sendText(text: string): boolean {
    if (this.#isOver || this.#texts.length >= MOST_WAITING_TEXTS) return false;
    if (!this.#isHeld(HOLD.unacknowledged)) this.#unacknowledgedTexts = 0;
    else if (++this.#unacknowledgedTexts > MOST_WAITING_TEXTS) return false;
    this.#texts.push(text);
    this.#sendTexts();
    this.#watchBoundary();
    return true;
  }

  #sendTexts(): void {
    while (this.isBetweenMessages && this.#texts.length > 0)
      this.#write(Buffer.from(this.#texts.shift() as string), 'text');
    const makeText = this.#makeText;
    if (!makeText || !this.isBetweenMessages) return;
    this.#makeText = undefined;
    this.#to?.send(makeText());
  }

  /** A ping or pong of the source, which has just stood between two of its frames. False when there is nobody to have it. */
  passControl(kind: 'ping' | 'pong', payload: Buffer, frame?: Buffer): boolean {
    if (this.#isOver) return true;
    if (!this.#to) return false;
    if (frame) this.#to.forward(frame, 'wire');
    else this.#to[kind](payload);
    if (this.#to.bufferedBytes >= this.#highBytes) this.wait(HOLD.full);
    return true;
  }

  /** A ping of our own, if it may stand now. */
  ping(payload: Buffer): boolean {
    if (this.#isOver || !this.#to || !this.#isAtBoundary) return false;
    this.#to.ping(payload);
    return true;
  }

  /** True when what was passed ends with a whole message. */
  get isBetweenMessages(): boolean {
    return this.#from?.isBetweenMessages !== false || this.#isHolding;
  }

  get #isAtBoundary(): boolean {
    return this.#from?.isAtBoundary !== false || this.#isHolding;
  }

  /** What has begun of a message is held, so that nothing of it was passed. */
  get #isHolding(): boolean {
    return this.#hold !== undefined && !this.#hold.isStreaming;
  }

  /** The source has come to the end of a frame. */
  atBoundary(): void {
    if (this.#isOver) return;
    this.#sendTexts();
    if (this.#farewell) this.#tryFinish(this.#farewell);
    this.#watchBoundary();
  }

  /** True when nothing more passes this way. */
  get isEnded(): boolean {
    return this.#isOver || this.#isMuted;
  }

  /** The end is near: what waits behind a judgement does not pass without it. */
  mute(): void {
    if (this.#isHeld(HOLD.judging)) this.#isMuted = true;
  }

  /** Ends the direction where a close frame may stand: now, or behind the frame that is under way. */
  finish(farewell: Farewell): void {
    if (this.#isOver) return;
    this.#farewell = farewell;
    this.#tryFinish(farewell);
    if (this.#isSourceOver) this.#breakOff();
    this.#watchBoundary();
  }

  /** The source will hand over nothing more. */
  sourceEnded(): void {
    this.#isSourceOver = true;
    if (this.#farewell) this.#breakOff();
  }

  /** In the middle of a frame nothing of ours may stand, and the rest of it will not come. */
  #breakOff(): void {
    if (!this.#isOver) this.#over(() => this.#to?.end());
  }

  #tryFinish({ text, code, reason }: Farewell): void {
    if (!this.#isAtBoundary) return;
    if (text !== undefined && this.isBetweenMessages) this.#to?.send(text);
    this.#over(() => this.#to?.close(code, reason));
  }

  /** From here on the source is only read for its own end. */
  #over(last: () => void): void {
    const { isWaiting } = this;
    this.#isOver = true;
    this.#texts = [];
    this.#makeText = undefined;
    this.#change(() => {
      this.#holds = 0;
    });
    last();
    if (isWaiting) this.#from?.resume();
  }

  #watchBoundary(): void {
    const isWaiting = this.#farewell !== undefined || this.#texts.length > 0 || this.#makeText !== undefined;
    if (this.#from) this.#from.wantsBoundary = !this.#isOver && isWaiting;
  }

  #isHeld(reason: number): boolean {
    return (this.#holds & reason) !== 0;
  }
}

/** True when the bytes were copied. */
function keep(replay: ReplayBuffer, bytes: Buffer, kind: DataKind): boolean {
  if (kind === 'wire') return replay.take(bytes);
  replay.takeMessage(bytes, kind);
  return false;
}
