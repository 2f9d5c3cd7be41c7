/** Ends of sockets for tables of cases. */
import type { SocketClose } from '../../src/connection/socket-close.ts';
import { ABNORMAL_CLOSURE, CLOSE_ROWS } from '../../src/contract.ts';

type Row = keyof typeof CLOSE_ROWS;

/** A close frame of an open connection, unless `more` says otherwise. */
export function closed(code: number, reason = '', more: Partial<SocketClose> = {}): SocketClose {
  return { code, reason, wasClean: true, hasOpened: true, hasSpoken: false, ...more };
}

/** As a voxproxy server closes by a row. */
export function closedBy(name: Row, extra = '', more: Partial<SocketClose> = {}): SocketClose {
  const { code, word } = CLOSE_ROWS[name];
  return closed(code, `${word}${extra}`, more);
}

/** A foreign server closes with the number of a row, and a reason that is nobody's word. */
export function closedLike(name: Row, more: Partial<SocketClose> = {}): SocketClose {
  return closed(CLOSE_ROWS[name].code, 'Something went wrong', more);
}

/** The connection is gone without a close frame. */
export const lost = closed(ABNORMAL_CLOSURE, '', { wasClean: false });
/** A handshake that failed, for whatever reason. */
export const notOpened: SocketClose = { ...lost, hasOpened: false };
export const timedOut: SocketClose = { ...notOpened, timeoutMs: 10_000 };
