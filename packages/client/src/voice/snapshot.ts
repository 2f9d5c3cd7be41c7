/** What a user interface shows of a voice session: frozen, and another object only when something in it differs. */
import type { MediaError } from '../audio/media-error.ts';
import type { ClientState } from '../connection/state.ts';
import type { VoxError } from '../errors.ts';
import type { AgentState, TranscriptEntry } from './conversation.ts';

/** Counts since the session was created; what was not sent again after a reconnect counts once. */
export interface VoiceStats {
  readonly framesSent: number;
  readonly bytesSent: number;
  readonly framesReceived: number;
  readonly bytesReceived: number;
  /** Bytes of microphone audio that had to be dropped because the agent was not ready for too long. */
  readonly bytesDropped: number;
  /** Times that the agent was ready again after a connection was lost. */
  readonly reconnects: number;
}

export interface VoiceSnapshot {
  /** State of the connection; `open` does not mean that the agent listens yet, `isReady` does. */
  readonly state: ClientState;
  readonly isReady: boolean;
  /** `speaking` ends when the answer was heard, not when it was received. */
  readonly agentState: AgentState;
  readonly transcript: readonly TranscriptEntry[];
  readonly isMicOn: boolean;
  readonly isMuted: boolean;
  readonly isPlaying: boolean;
  /** Why the connection failed or is being tried again, what the agent or the microphone complained of. */
  readonly error?: VoxError | MediaError | undefined;
  /** When the next attempt is due, in milliseconds since the epoch. */
  readonly retryAt?: number | undefined;
  readonly attempt: number;
  /** Follows the traffic at most once a second. */
  readonly stats: VoiceStats;
}

export const NO_STATS: VoiceStats = Object.freeze({
  framesSent: 0,
  bytesSent: 0,
  framesReceived: 0,
  bytesReceived: 0,
  bytesDropped: 0,
  reconnects: 0,
});

/** Before anything happened, and on a server. */
export const IDLE_SNAPSHOT: VoiceSnapshot = Object.freeze({
  state: 'idle',
  isReady: false,
  agentState: 'idle',
  transcript: Object.freeze([]),
  isMicOn: false,
  isMuted: false,
  isPlaying: false,
  attempt: 0,
  stats: NO_STATS,
});

/** `next`, frozen, or `previous` itself where both hold the same values. */
export function settle<T extends object>(previous: T, next: T): T {
  const keys = Object.keys({ ...previous, ...next }) as (keyof T)[];
  return keys.every((key) => Object.is(previous[key], next[key])) ? previous : Object.freeze(next);
}
