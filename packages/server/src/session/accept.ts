/** Completes a client's handshake and makes its leg. The checks are done before; this only says yes. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { CLOSE_ROWS, type CloseName } from '../contract/index.ts';
import type { Leg } from '../leg/leg.ts';
import { createWsLeg } from '../leg/ws-leg.ts';

export interface Acceptance {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  /** What the client sent early. */
  readonly head: Buffer;
  /** The subprotocol to answer with. */
  readonly echo: string | undefined;
  readonly maxMessageBytes: number;
}

/** Undefined when the socket has gone meanwhile. */
export type Accept = (acceptance: Acceptance) => Leg | undefined;

export function createAccept(): Accept {
  const servers = new Map<number, WebSocketServer>();
  const echoes = new WeakMap<IncomingMessage, string>();
  const serverFor = (maxPayload: number): WebSocketServer => {
    const known = servers.get(maxPayload);
    if (known) return known;
    const made = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Audio does not compress, and the memory of a compressor is a cost of each session.
      perMessageDeflate: false,
      maxPayload,
      WebSocket: ClientSocket,
      handleProtocols: (_, request) => echoes.get(request) ?? false,
    });
    servers.set(maxPayload, made);
    return made;
  };
  return ({ request, socket, head, echo, maxMessageBytes }) => {
    if (echo !== undefined) echoes.set(request, echo);
    let leg: Leg | undefined;
    serverFor(maxMessageBytes).handleUpgrade(request, socket, head, (accepted) => {
      leg = createWsLeg(accepted);
    });
    return leg;
  };
}

/** The rows that `ws` closes with on its own when a client breaks the protocol. */
const BREACHES: readonly CloseName[] = ['ProtocolError', 'BadPayload', 'TooLarge', 'PolicyViolation'];

/** `ws` answers a breach with the bare code before it tells of it; the row's word goes with it. */
class ClientSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code, reason ?? breachWord(code));
  }
}

function breachWord(code: number | undefined): string | undefined {
  return BREACHES.map((name) => CLOSE_ROWS[name]).find((row) => row.code === code)?.word;
}
