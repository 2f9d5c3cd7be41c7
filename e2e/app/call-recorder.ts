/** Listens to a session and keeps the record of its calls as an external store. What an event means is call-record.ts's business. */
import type { VoiceSession } from '@voxproxy/client/voice';
import { EMPTY_RECORD, onMessage, onReconnecting, onSnapshot, onTyped } from './call-record.ts';
import type { CallRecord } from './call-record.ts';

/** Loudness (RMS, 0..1) above which a microphone hears speech rather than a room. */
const LOUD = 0.02;

export class CallRecorder {
  readonly #session: VoiceSession;
  readonly #listeners = new Set<() => void>();
  #record = EMPTY_RECORD;
  #loudAt: number | undefined;
  #stops: (() => void)[] = [];

  constructor(session: VoiceSession) {
    this.#session = session;
  }

  readonly getSnapshot = (): CallRecord => this.#record;

  /** Listens to the session as long as somebody listens here. */
  readonly subscribe = (listener: () => void): (() => void) => {
    if (this.#listeners.size === 0) this.#stops = this.#listen();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) for (const stop of this.#stops.splice(0)) stop();
    };
  };

  /** The user has sent a written message. */
  typed(): void {
    this.#set(onTyped(this.#record, Date.now()));
  }

  clearNotes(): void {
    this.#set({ ...this.#record, notes: [] });
  }

  #listen(): (() => void)[] {
    const session = this.#session;
    return [
      session.subscribe(() => this.#set(onSnapshot(this.#record, session.getSnapshot(), Date.now()))),
      session.on('agent', (message) => this.#onMessage(message)),
      session.onLevel((input) => this.#onInputLevel(input)),
      session.client.on('reconnecting', ({ cause }) =>
        this.#set(onReconnecting(this.#record, cause, Date.now())),
      ),
    ];
  }

  #onMessage(message: Parameters<typeof onMessage>[1]): void {
    this.#set(onMessage(this.#record, message, this.#loudAt ?? Date.now()));
    if (message.type === 'ConversationText') this.#loudAt = undefined;
  }

  #onInputLevel(level: number): void {
    if (level > LOUD) this.#loudAt = Date.now();
  }

  #set(record: CallRecord): void {
    if (record === this.#record) return;
    this.#record = record;
    for (const listener of this.#listeners) listener();
  }
}
