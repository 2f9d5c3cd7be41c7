/**
 * A `ws` socket that tells when its peer begins to end. `ws` itself tells only when the TCP connection has gone, which a
 * peer may delay for as long as it likes, and answers a breach with a bare code.
 */
import { WebSocket } from 'ws';
import { CLOSE_ROWS, NO_STATUS } from '../contract/index.ts';
import type { LegClose, LegFault } from './leg.ts';

/** The rows that `ws` closes with on its own when a peer breaks the protocol. */
const FAULTS: readonly LegFault[] = ['ProtocolError', 'BadPayload', 'TooLarge', 'PolicyViolation'];

export class LegSocket extends WebSocket {
  /** Set by the leg. Called when `ws` answers the peer's close frame or breach, never for the leg's own close. */
  onPeerEnd: ((close: LegClose) => void) | undefined;
  #isOwnClose = false;

  /** The leg's own close; `close` itself is what `ws` calls to answer the peer. */
  startClose(code?: number, reason?: string): void {
    this.#isOwnClose = true;
    super.close(code, reason);
  }

  override close(code?: number, reason?: string | Buffer): void {
    // A close frame comes with its reason, even an empty one; only a breach comes without.
    const fault = code !== undefined && reason === undefined ? faultOf(code) : undefined;
    super.close(code, fault ? CLOSE_ROWS[fault].word : reason);
    if (this.#isOwnClose) return;
    const close = { code: code ?? NO_STATUS, reason: reason?.toString() ?? '' };
    this.onPeerEnd?.(fault ? { ...close, fault } : close);
  }
}

function faultOf(code: number): LegFault {
  return FAULTS.find((name) => CLOSE_ROWS[name].code === code) ?? 'ProtocolError';
}
