/** The client's half of session mode as far as a load needs it: the hello, and acknowledgements in time. No resuming. */
import { MASK_KEY, smallFrame } from './frame-template.mjs';

const CONTROL_BYTE = 0x01;
const TEXT_FRAME = 0x81;

export const isControl = (text) => text[0] === CONTROL_BYTE;

/** Undefined for what cannot be read. */
export function readControl(text) {
  try {
    return JSON.parse(text.subarray(1).toString());
  } catch {
    return undefined;
  }
}

const toFrame = (control) =>
  smallFrame(TEXT_FRAME, String.fromCharCode(CONTROL_BYTE) + JSON.stringify(control), MASK_KEY);

export class SessionControl {
  isOpen = false;
  #received = 0;
  #acknowledged = 0;
  #bytes = 0;
  #acknowledgeBytes = Infinity;
  /** Messages of ours that the server said it has. */
  taken = 0;

  /** @returns {boolean} whether this was the hello */
  take(text) {
    const control = readControl(text);
    if (control?.type === 'ack') this.taken = control.received;
    if (control?.type !== 'hello') return false;
    this.isOpen = true;
    this.#acknowledgeBytes = control.ack_bytes;
    this.acknowledgeMs = control.ack_ms;
    return true;
  }

  /** Counts a message; returns the acknowledgement that is due by its bytes. */
  count(size) {
    this.#received += 1;
    this.#bytes += size;
    return this.#bytes >= this.#acknowledgeBytes ? this.acknowledge() : undefined;
  }

  /** The acknowledgement of what was not acknowledged yet, if anything. */
  acknowledge() {
    if (this.#acknowledged === this.#received) return undefined;
    this.#acknowledged = this.#received;
    this.#bytes = 0;
    return toFrame({ type: 'ack', received: this.#received });
  }
}
