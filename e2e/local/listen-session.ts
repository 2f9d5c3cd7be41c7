/** One stream of the listen dialect: audio in, results out, in the order of the utterances. Knows no socket: it is given what to call. */
import { createHash } from 'node:crypto';
import { EndOfUtterance } from './end-of-utterance.ts';
import type { SpeechEvent } from './end-of-utterance.ts';
import { ListenMessages } from './listen-messages.ts';
import type { ListenMessage } from './listen-messages.ts';
import type { ListenParameters } from './listen-parameters.ts';
import { Pcm16Reader } from './pcm16.ts';
import { RECOGNISER_RATE } from './recognise.ts';
import type { Recogniser } from './recognise.ts';
import { resample } from './resample.ts';
import { QueueFull, SerialQueue } from './serial-queue.ts';

export interface ListenOutlet {
  json(message: ListenMessage): void;
  /** Called when recognition fails, and not after `end`. */
  fail(error: unknown): void;
}

/** Speech between two interim results, in seconds of audio. */
const INTERIM_SECONDS = 1;
const MAX_WAITING = 8;

export class ListenSession {
  readonly #parameters: ListenParameters;
  readonly #recogniser: Recogniser | undefined;
  readonly #outlet: ListenOutlet;
  readonly #messages: ListenMessages;
  readonly #utterances: EndOfUtterance;
  readonly #reader = new Pcm16Reader();
  readonly #sha256 = createHash('sha256');
  readonly #queue = new SerialQueue(MAX_WAITING);
  readonly #ending = new AbortController();
  #samplesSeen = 0;
  #interim: AbortController | undefined;
  #nextInterimAt = 0;

  constructor(parameters: ListenParameters, recogniser: Recogniser | undefined, outlet: ListenOutlet) {
    this.#parameters = parameters;
    this.#recogniser = recogniser;
    this.#outlet = outlet;
    this.#messages = new ListenMessages(parameters.model);
    this.#utterances = new EndOfUtterance(parameters);
  }

  onAudio(bytes: Uint8Array): void {
    this.#sha256.update(bytes);
    const samples = this.#reader.read(bytes);
    this.#samplesSeen += samples.length;
    for (const event of this.#utterances.push(samples)) this.#onSpeech(event);
    if (this.#parameters.interimResults && this.#utterances.isSpeaking) this.#tellSoFar();
  }

  /** Ends the utterance in progress; there is a result also when there is none. */
  finalize(): void {
    const events = this.#utterances.flush();
    for (const event of events) this.#onSpeech(event, true);
    if (events.length === 0)
      this.#later(async () => this.#tell('', this.#samplesSeen, 0, { fromFinalize: true }));
  }

  /** Tells the results still due and then the summary, and calls `then`. */
  finish(then: () => void): void {
    for (const event of this.#utterances.flush()) this.#onSpeech(event);
    this.#later(async () => {
      this.#outlet.json(
        this.#messages.metadata(this.#sha256.digest('hex'), this.#seconds(this.#samplesSeen)),
      );
      then();
    });
  }

  /** Ends what is being recognised. */
  end(): void {
    this.#ending.abort(new Error('the session has ended'));
  }

  #onSpeech(event: SpeechEvent, fromFinalize = false): void {
    if (event.kind === 'start') {
      this.#nextInterimAt = event.atSample + INTERIM_SECONDS * this.#parameters.sampleRate;
      if (this.#parameters.vadEvents)
        this.#outlet.json(this.#messages.speechStarted(this.#seconds(event.atSample)));
      return;
    }
    const { startSample, samples } = event;
    this.#interim?.abort(new Error('the utterance is over'));
    this.#later(async () => {
      const text = await this.#recognise(samples, this.#ending.signal, false);
      this.#tell(text, startSample, samples.length, { fromFinalize });
      if (this.#parameters.utteranceEnd)
        this.#outlet.json(this.#messages.utteranceEnd(this.#seconds(startSample + samples.length)));
    });
  }

  /** Tells what is understood of the utterance so far, when enough is new and the last such attempt is over. */
  #tellSoFar(): void {
    if (this.#interim || this.#samplesSeen < this.#nextInterimAt) return;
    const soFar = this.#utterances.soFar();
    const startSample = this.#samplesSeen - soFar.length;
    const interim = new AbortController();
    this.#interim = interim;
    this.#nextInterimAt = this.#samplesSeen + INTERIM_SECONDS * this.#parameters.sampleRate;
    this.#recognise(soFar, AbortSignal.any([interim.signal, this.#ending.signal]), true)
      .then((text) => this.#tell(text, startSample, soFar.length, { isFinal: false }))
      .catch((error: unknown) => {
        if (!interim.signal.aborted && !(error instanceof QueueFull)) this.#fail(error);
      })
      .finally(() => (this.#interim = undefined));
  }

  async #recognise(samples: Int16Array, signal: AbortSignal, openVocabulary: boolean): Promise<string> {
    const { sampleRate } = this.#parameters;
    if (!this.#recogniser) return `[${this.#seconds(samples.length).toFixed(1)} seconds of speech]`;
    return this.#recogniser.recognise(resample(samples, sampleRate, RECOGNISER_RATE), {
      signal,
      openVocabulary,
    });
  }

  #tell(
    text: string,
    from: number,
    length: number,
    flags: { isFinal?: boolean; fromFinalize?: boolean },
  ): void {
    const { isFinal = true, fromFinalize = false } = flags;
    const times = { startSeconds: this.#seconds(from), durationSeconds: this.#seconds(length) };
    this.#outlet.json(this.#messages.results({ text, ...times, isFinal, fromFinalize }));
  }

  #later(task: () => Promise<void>): void {
    this.#queue.run(task, this.#ending.signal).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    if (!this.#ending.signal.aborted) this.#outlet.fail(error);
  }

  #seconds(samples: number): number {
    return samples / this.#parameters.sampleRate;
  }
}
