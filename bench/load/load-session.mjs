/** One client of the load: opens by hand, sends stamped frames, checks what comes back. When to send is the caller's. */
import { connect } from 'node:net';
import { BINARY, CLOSE, FrameReader, PING, TEXT } from '../wire/frame-reader.mjs';
import { createTemplates, MASK_KEY, smallFrame } from '../wire/frame-template.mjs';
import { ACCEPT, createHeadReader, requestFor, toTarget } from '../wire/handshake.mjs';
import { isControl, SessionControl } from '../wire/session-control.mjs';
import { StampChecker } from '../wire/stamp-checker.mjs';

const templateOf = createTemplates(MASK_KEY);
/** Every read lands here and is done with before the next one. */
const readBuffer = Buffer.allocUnsafe(65_536);
/** RFC 6455 5.5.1: a close with code 1000. */
const CLOSE_FRAME = smallFrame(0x88, Buffer.from([0x03, 0xe8]), MASK_KEY);

/** Microseconds, cut to a word; differences are right for an hour. */
export const nowUs = () => Math.round(performance.now() * 1000) >>> 0;

export class LoadSession {
  sent = 0;
  /** Set where session mode was asked for. */
  control;
  isOpen = false;
  /** Where it stops reading, as a stalled client does. */
  isDeaf = false;
  /** Called once for the next answer, if set. */
  onAnswer;
  #isLeaving = false;
  #isAnswered = false;
  #onLeft;
  #group;
  #id;
  #socket;
  #template;
  #reader;
  #settle;

  /** @param group a Group of group.mjs */
  constructor(group, id) {
    this.#group = group;
    this.#id = id;
    this.#template = templateOf(group.wish.up);
    if (group.wish.isSession) this.control = new SessionControl();
  }

  /** Resolves with undefined once open, or with the reason why it is not. */
  open(limitMs = 3_000) {
    const { port, wish } = this.#group;
    const checker = new StampChecker(this.#id, wish.down, this.#group.faults);
    this.#reader = new FrameReader((frame) => this.#take(frame, checker));
    return new Promise((resolve) => {
      const limit = setTimeout(
        () => this.#finish(this.#isAnswered ? 'no hello after the handshake' : 'no answer to the handshake'),
        limitMs,
      );
      this.#settle = (reason) => {
        clearTimeout(limit);
        resolve(reason);
      };
      const head = createHeadReader();
      const callback = (count) => this.#read(count, head);
      this.#socket = connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        onread: { buffer: readBuffer, callback },
      });
      this.#socket.on('error', () => this.#finish('connection failed'));
      this.#socket.on('close', () => this.#onClose());
      this.#socket.on('connect', () => this.#socket.write(requestFor(this.#target(), `127.0.0.1:${port}`)));
    });
  }

  #target() {
    const { id: group, wish, tokens } = this.#group;
    const token = tokens?.[this.#id % tokens.length];
    return toTarget({ ...wish, group, session: this.#id }, { token, isSession: wish.isSession });
  }

  #read(count, head) {
    if (this.#isAnswered) {
      this.#reader.take(readBuffer, 0, count);
      return !this.isDeaf;
    }
    const answer = head.take(readBuffer.subarray(0, count));
    if (!answer) return true;
    if (!answer.start.startsWith('HTTP/1.1 101') || answer.headers['sec-websocket-accept'] !== ACCEPT) {
      this.#finish(answer.start);
      return false;
    }
    this.#onHead();
    if (answer.used < count) this.#reader.take(readBuffer, answer.used, count);
    return true;
  }

  #onHead() {
    this.#isAnswered = true;
    const { firstText } = this.#group.wish;
    if (firstText) this.#socket.write(smallFrame(0x81, firstText, MASK_KEY));
    if (!this.control) this.#opened();
  }

  #opened() {
    this.isOpen = true;
    this.#settle(undefined);
  }

  #finish(reason) {
    this.#settle(reason);
    this.#isLeaving = true;
    this.#socket.destroy();
  }

  #onClose() {
    if (this.isOpen && !this.#isLeaving) this.#group.faults.ended += 1;
    this.isOpen = false;
    this.#settle('connection ended');
    this.#onLeft?.(true);
  }

  #take(frame, checker) {
    if (frame.opcode !== BINARY) {
      this.#takeOther(frame);
      return;
    }
    if (frame.first !== 0x82 || frame.isMasked) this.#group.faults.torn += 1;
    checker.take(frame);
    const acknowledgement = this.control?.count(frame.size);
    if (acknowledgement) this.#socket.write(acknowledgement);
    this.#group.onReply(this, frame.time);
    this.onAnswer?.();
  }

  #takeOther({ opcode, text }) {
    if (opcode === PING) this.#socket.write(smallFrame(0x8a, text, MASK_KEY));
    else if (opcode === TEXT && this.control && isControl(text)) {
      if (this.control.take(text)) this.#opened();
    } else if (opcode === TEXT) this.#group.faults.foreign += 1;
    else if (opcode === CLOSE && !this.#isLeaving) this.#group.note = `closed: ${text.subarray(2)}`;
  }

  /** @param {number} time microseconds at which this was due */
  send(time) {
    if (!this.isOpen) return;
    const sequence = this.sent++;
    this.#group.sent += 1;
    this.#template.send(this.#socket, this.#id, sequence, time);
  }

  acknowledge() {
    const frame = this.isOpen && this.control?.acknowledge();
    if (frame) this.#socket.write(frame);
  }

  /** Closes as a client does: close frame, the peer's, end. Resolves with false when that took too long. */
  leave(limitMs = 2_000) {
    if (!this.isOpen) return Promise.resolve(true);
    this.#isLeaving = true;
    return new Promise((resolve) => {
      const limit = setTimeout(() => {
        this.#socket.destroy();
        resolve(false);
      }, limitMs);
      this.#onLeft = (isDone) => {
        clearTimeout(limit);
        resolve(isDone);
      };
      this.#socket.write(CLOSE_FRAME);
    });
  }

  destroy() {
    this.#isLeaving = true;
    this.#socket?.destroy();
  }
}
