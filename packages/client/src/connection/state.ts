/** The states of a client and the legal moves between them; pure. */
import type { VoxError } from '../errors.ts';

/**
 * - `idle`: never connected;
 * - `authorizing`: a token is being fetched;
 * - `connecting`: a socket is being opened;
 * - `open`: frames go both ways;
 * - `waiting`: a timer runs until the next attempt;
 * - `offline`: the next attempt comes when the network does;
 * - `closing`: close() was called and the socket is not gone yet;
 * - `closed`: ended cleanly, by either side;
 * - `failed`: ended by the error in the snapshot.
 */
export type ClientState =
  'idle' | 'authorizing' | 'connecting' | 'open' | 'waiting' | 'offline' | 'closing' | 'closed' | 'failed';

/** A frozen picture of a client; its identity changes only when its content does. */
export interface ClientSnapshot {
  readonly state: ClientState;
  /** Attempts that failed since connect() or since the last connection that stayed open long enough. */
  readonly attempt: number;
  /** Why the client is failed, or is trying again; absent otherwise. */
  readonly error?: VoxError | undefined;
  /** When the next attempt starts, in milliseconds since the epoch; only while `waiting`. */
  readonly retryAt?: number | undefined;
  /** Bytes of the frames that are held until the connection is open. */
  readonly bufferedBytes: number;
}

const MOVES: Readonly<Record<ClientState, readonly ClientState[]>> = {
  idle: ['authorizing'],
  authorizing: ['connecting', 'waiting', 'offline', 'closed', 'failed'],
  connecting: ['open', 'waiting', 'offline', 'closed', 'failed'],
  open: ['authorizing', 'waiting', 'offline', 'closing', 'closed', 'failed'],
  waiting: ['authorizing', 'offline', 'closed', 'failed'],
  offline: ['authorizing', 'closed', 'failed'],
  closing: ['closed'],
  closed: ['authorizing'],
  failed: ['authorizing'],
};

/** Staying is always legal. */
export function mayMove(from: ClientState, to: ClientState): boolean {
  return from === to || MOVES[from].includes(to);
}

/** True while a connection exists or is being made, so that frames are taken. */
export function isLive(state: ClientState): boolean {
  return state !== 'idle' && state !== 'closing' && state !== 'closed' && state !== 'failed';
}
