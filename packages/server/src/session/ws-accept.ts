/** Completes a client's handshake by way of the `ws` package, for legs that pass messages. */
import type { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import type { Leg } from '../leg/leg.ts';
import { LegSocket } from '../leg/leg-socket.ts';
import { createWsLeg } from '../leg/ws-leg.ts';
import type { Accept } from './accept.ts';

export function createWsAccept(): Accept {
  const servers = new Map<number, WebSocketServer>();
  const echoes = new WeakMap<IncomingMessage, string>();
  const serverFor = (maxPayload: number): WebSocketServer => {
    const known = servers.get(maxPayload);
    if (known) return known;
    const made = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Pings pass from end to end.
      autoPong: false,
      // Audio does not compress, and the memory of a compressor is a cost of each session.
      perMessageDeflate: false,
      maxPayload,
      WebSocket: LegSocket,
      handleProtocols: (_, request) => echoes.get(request) ?? false,
    });
    servers.set(maxPayload, made);
    return made;
  };
  return ({ request, socket, head, echo, maxMessageBytes }) => {
    if (echo !== undefined) echoes.set(request, echo);
    let leg: Leg | undefined;
    serverFor(maxMessageBytes).handleUpgrade(request, socket, head, (accepted) => {
      // The option above makes every socket one.
      leg = createWsLeg(accepted as LegSocket, socket);
    });
    return leg;
  };
}
