/**
 * What the page tells about a call beside the session's own snapshot: losses and returns of the connection, times, who
 * is speaking just now. Pure: each event gives the next record; call-recorder.ts listens for the events.
 */
import type { AgentMessage, VoiceSnapshot } from '@voxproxy/client/voice';
import { reconnectWords } from './error-words.ts';

/** A line in the conversation that nobody said. */
export interface CallNote {
  id: string;
  text: string;
  /** Milliseconds since the epoch. */
  at: number;
}

export interface CallRecord {
  notes: readonly CallNote[];
  /** When the open connection became ready, in milliseconds since the epoch. */
  readySince: number | undefined;
  /** Length of the connections before it, in milliseconds. */
  readyMs: number;
  isUserSpeaking: boolean;
  isPlaying: boolean;
  /** From the end of what the user said to the first sound of the answer, in milliseconds. */
  firstAudioMs: number | undefined;
  /** When the connection was lost, until it is back. */
  lostAt: number | undefined;
  /** When the user's turn that is not answered yet ended. */
  turnEndedAt: number | undefined;
}

export const EMPTY_RECORD: CallRecord = {
  notes: [],
  readySince: undefined,
  readyMs: 0,
  isUserSpeaking: false,
  isPlaying: false,
  firstAudioMs: undefined,
  lostAt: undefined,
  turnEndedAt: undefined,
};

const MAX_NOTES = 50;
/** Nobody speaks, and no answer is due. */
const SILENT = { isUserSpeaking: false, turnEndedAt: undefined };

/** `saidAt` is when speech was last heard, or now where none was. */
export function onMessage(record: CallRecord, { type, role }: AgentMessage, saidAt: number): CallRecord {
  if (type === 'UserStartedSpeaking') return { ...record, isUserSpeaking: true };
  if (type !== 'ConversationText' || role !== 'user') return record;
  return { ...endTurn(record, record.turnEndedAt ?? saidAt), isUserSpeaking: false };
}

/** A typed message ends where it is sent. */
export function onTyped(record: CallRecord, at: number): CallRecord {
  return endTurn(record, record.turnEndedAt ?? at);
}

/** While an earlier answer is heard, the first sound of the next cannot be told from it. */
function endTurn(record: CallRecord, at: number): CallRecord {
  return { ...record, turnEndedAt: record.isPlaying ? undefined : at };
}

export function onReconnecting(record: CallRecord, cause: { code: string }, at: number): CallRecord {
  const isFirst = record.lostAt === undefined;
  return isFirst ? note({ ...record, lostAt: at }, reconnectWords(cause), at) : record;
}

export function onSnapshot(record: CallRecord, now: VoiceSnapshot, at: number): CallRecord {
  const heard = now.isPlaying === record.isPlaying ? record : onSound(record, now.isPlaying, at);
  if (now.isReady === (heard.readySince !== undefined)) return ended(heard, now);
  return now.isReady ? ready(heard, at) : ended(lost(heard, at), now);
}

function onSound(record: CallRecord, isPlaying: boolean, at: number): CallRecord {
  const { turnEndedAt } = record;
  if (!isPlaying || turnEndedAt === undefined) return { ...record, isPlaying };
  return { ...record, isPlaying, firstAudioMs: at - turnEndedAt, turnEndedAt: undefined };
}

function ready(record: CallRecord, at: number): CallRecord {
  const { lostAt } = record;
  const back = { ...record, readySince: at, lostAt: undefined };
  return lostAt === undefined ? back : note(back, `Connected again after ${at - lostAt} ms.`, at);
}

function lost(record: CallRecord, at: number): CallRecord {
  const { readySince = at, readyMs } = record;
  return { ...record, readySince: undefined, readyMs: readyMs + at - readySince, ...SILENT };
}

/** Nothing of a call that is over is waited for. */
function ended(record: CallRecord, { state }: VoiceSnapshot): CallRecord {
  const isOver = state === 'closed' || state === 'failed';
  const isWaiting = record.lostAt !== undefined || record.turnEndedAt !== undefined;
  return isOver && isWaiting ? { ...record, ...SILENT, lostAt: undefined } : record;
}

function note(record: CallRecord, text: string, at: number): CallRecord {
  const id = `note-${at}-${record.notes.length}`;
  return { ...record, notes: [...record.notes, { id, text, at }].slice(-MAX_NOTES) };
}
