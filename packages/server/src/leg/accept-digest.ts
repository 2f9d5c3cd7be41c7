/** Sec-WebSocket-Accept, which both handshakes need: a server states it, a client expects it. */
import { hash } from 'node:crypto';

/** RFC 6455 1.3. */
const HANDSHAKE_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** The answer to a Sec-WebSocket-Key (RFC 6455 4.2.2). */
export function acceptDigestOf(key: string): string {
  return hash('sha1', key + HANDSHAKE_GUID, 'base64');
}
