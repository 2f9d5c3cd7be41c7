/** What a test holds of the provider's side of a session, whoever plays it. A WirePeer is one. */
import type { MockFrame } from '../../src/testing/message-reader.ts';
import type { PeerListener } from './wire-peer.ts';

export interface FarEnd {
  listener: PeerListener;
  /** Resolves when there is room for the next message. */
  send(message: MockFrame, cuts?: readonly number[]): Promise<void>;
  ping(payload: string): void;
  close(code?: number, reason?: string): void;
  /** Ends at once, without a close frame. */
  cut(): void;
}
