/** The 101 to a client's upgrade (RFC 6455 4.2.2). The checks are done before; nothing is read and no frame is written here. */
import type { Duplex } from 'node:stream';
import { acceptDigestOf } from '../leg/accept-digest.ts';

export interface Handshake {
  /** The client's Sec-WebSocket-Key, checked. */
  readonly key: string;
  /** The subprotocol to answer with: one that the client offered, read by `readSubprotocols`, and no credential. */
  readonly echo: string | undefined;
}

/** Writes the 101. False, with nothing written, when the socket has gone or has been ended meanwhile. */
export function completeHandshake(socket: Duplex, handshake: Handshake): boolean {
  if (socket.destroyed || !socket.writable) return false;
  socket.write(toSwitchingHead(handshake), 'latin1');
  return true;
}

/** The 101 as text, for those who write frames behind it in one piece. No extension is ever answered. */
export function toSwitchingHead({ key, echo }: Handshake): string {
  const protocol = echo === undefined ? '' : `Sec-WebSocket-Protocol: ${echo}\r\n`;
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `Sec-WebSocket-Accept: ${acceptDigestOf(key)}\r\n${protocol}\r\n`
  );
}
