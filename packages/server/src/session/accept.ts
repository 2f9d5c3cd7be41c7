/** Completes a client's handshake and makes its leg. The checks are done before; this only says yes. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Leg } from '../leg/leg.ts';
import { createRawLeg } from '../leg/raw-leg.ts';
import { completeHandshake } from './complete-handshake.ts';

export interface Acceptance {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the client sent early. */
  readonly head: Buffer;
  /** The client's Sec-WebSocket-Key. */
  readonly key: string;
  /** The subprotocol to answer with. */
  readonly echo: string | undefined;
  readonly maxMessageBytes: number;
  /** Whether the handshake is completed already. */
  readonly isOpen: boolean;
}

/** Undefined when the socket has gone meanwhile. */
export type Accept = (acceptance: Acceptance) => Leg | undefined;

/** For legs that pass bytes. */
export const acceptRaw: Accept = ({ socket, head, key, echo, maxMessageBytes, isOpen }) => {
  const isThere = isOpen ? socket.writable : completeHandshake(socket, { key, echo });
  return isThere ? createRawLeg({ socket, head, role: 'client', maxMessageBytes }) : undefined;
};
