/**
 * Refusals that a page must be able to read: a browser hides the status of a failed upgrade, so the handshake is completed,
 * one error frame is sent in the route's dialect, and the socket closes with the row's code. Nothing the peer sends is read.
 */
import type { Duplex } from 'node:stream';
import type { Clock } from '../clock.ts';
import { CLOSE_ROWS, errorFrameOf, toCloseReason, toErrorFrame } from '../contract/index.ts';
import type { CloseName, Dialect } from '../contract/index.ts';
import { ERROR_MESSAGES } from '../contract/index.ts';
import { closeFrame, textFrame } from '../frames/frame-writer.ts';
import type { CloseCodes } from '../upstream/preset.ts';
import { toSwitchingHead } from './complete-handshake.ts';
import { endSocket } from './end-socket.ts';
import { refuseOverHttp } from './http-refusal.ts';
import { vendorCodeOf } from './vendor-close.ts';

export interface Told {
  readonly name: CloseName;
  readonly dialect: Dialect;
  /** How the client learns of it: see Preset.refusal. */
  readonly style: 'close' | 'http';
  readonly key: string;
  readonly echo: string | undefined;
  readonly sessionId: string;
  readonly retryAfterMs?: number;
  /** In place of the row's sentence. */
  readonly message?: string | undefined;
  /** Whether the handshake is completed already, so that only the socket is left to tell. Default false. */
  readonly isOpen?: boolean;
  /** Codes in place of the contract's, for a vendor's SDK. */
  readonly closeCodes?: CloseCodes | undefined;
}

export interface Refuser {
  refuse(socket: Duplex, told: Told): void;
}

/** At most `maxOpen` refused sockets are told over a socket at once; beyond that the answer is plain HTTP, or none where it is too late for one. */
export function createRefuser(clock: Clock, maxOpen: number): Refuser {
  let open = 0;
  return {
    refuse(socket, told) {
      const isCrowded = open >= maxOpen;
      if (told.isOpen === true && isCrowded) {
        socket.destroy();
        return;
      }
      if (told.isOpen !== true && (told.style === 'http' || isCrowded)) {
        refuseOverHttp(socket, toHttpRefusal(told), clock);
        return;
      }
      open += 1;
      endSocket(socket, toBytes(told), clock, () => {
        open -= 1;
      });
    },
  };
}

function toBytes(told: Told): Buffer {
  const row = CLOSE_ROWS[told.name];
  return Buffer.concat([
    Buffer.from(told.isOpen === true ? '' : toSwitchingHead(told), 'latin1'),
    textFrame(
      toErrorFrame(told.dialect, { ...errorFrameOf(told.name, moreOf(told)), message: messageOf(told) }),
    ),
    closeFrame(vendorCodeOf(told.closeCodes, told.name) ?? row.code, toCloseReason(row, told.retryAfterMs)),
  ]);
}

function messageOf({ message, name }: Told): string {
  return message ?? ERROR_MESSAGES[name];
}

function moreOf(told: Told): { sessionId: string; retryAfterMs?: number } {
  const { sessionId, retryAfterMs } = told;
  return retryAfterMs === undefined ? { sessionId } : { sessionId, retryAfterMs };
}

function toHttpRefusal(told: Told): Parameters<typeof refuseOverHttp>[1] {
  const row = CLOSE_ROWS[told.name];
  const wait = told.retryAfterMs;
  return {
    status: row.httpStatus === 0 ? 500 : row.httpStatus,
    error: row.word,
    message: messageOf(told),
    ...(wait === undefined ? {} : { headers: { 'Retry-After': String(Math.ceil(wait / 1000)) } }),
  };
}
