/** The shapes of what the listen dialect tells; pure. Times are seconds of audio from the start of the stream. */
import { randomUUID } from 'node:crypto';

export type ListenMessage = { type: string } & Record<string, unknown>;

export interface Transcript {
  text: string;
  startSeconds: number;
  durationSeconds: number;
  isFinal: boolean;
  fromFinalize: boolean;
}

/** The messages of one stream, which all carry its request id. */
export class ListenMessages {
  readonly #requestId = randomUUID();
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
  }

  results({ text, startSeconds, durationSeconds, isFinal, fromFinalize }: Transcript): ListenMessage {
    return {
      type: 'Results',
      channel_index: [0, 1],
      duration: durationSeconds,
      start: startSeconds,
      is_final: isFinal,
      speech_final: isFinal,
      channel: { alternatives: [{ transcript: text, confidence: text === '' ? 0 : 1, words: [] }] },
      metadata: { request_id: this.#requestId, model_info: { name: this.#model, arch: 'local' } },
      from_finalize: fromFinalize,
    };
  }

  speechStarted(timestamp: number): ListenMessage {
    return { type: 'SpeechStarted', channel: [0], timestamp };
  }

  utteranceEnd(lastWordEnd: number): ListenMessage {
    return { type: 'UtteranceEnd', channel: [0, 1], last_word_end: lastWordEnd };
  }

  metadata(sha256: string, duration: number): ListenMessage {
    const created = new Date().toISOString();
    const requestId = this.#requestId;
    return {
      type: 'Metadata',
      transaction_key: 'deprecated',
      request_id: requestId,
      sha256,
      created,
      duration,
      channels: 1,
    };
  }
}
