/** One visitor's conversation: hears utterances, answers them aloud, falls silent when interrupted. Reads no socket and parses no message. */
import type { AgentOutlet } from './agent-outlet.ts';
import type { AgentSettings } from './agent-settings.ts';
import { replyTo } from './commands.ts';
import type { Flite } from './flite.ts';
import { sendPaced } from './paced-audio.ts';
import { joinSamples } from './pcm16.ts';
import { RECOGNISER_RATE } from './recognise.ts';
import type { Recogniser } from './recognise.ts';
import { resample } from './resample.ts';
import { QueueFull } from './serial-queue.ts';

export interface ConversationParts {
  flite: Flite;
  /** Undefined: the visitor's own voice is played back. */
  recogniser: Recogniser | undefined;
  /** Multiple of real time at which speech is sent. */
  sayRate: number;
  now: () => Date;
}

interface Answer {
  text: string;
  /** Audio after the text, at the output rate. */
  echo?: Int16Array;
  /** performance.now() when the visitor had finished, and when the answer was known. */
  heardAt: number;
  thoughtAt: number;
}

const NO_RECOGNISER = 'I have no recogniser on this machine, so here is your own voice.';

export class AgentConversation {
  readonly #outlet: AgentOutlet;
  readonly #parts: ConversationParts;
  readonly #settings: AgentSettings;
  readonly #ending = new AbortController();
  #answering: AbortController | undefined;

  constructor(outlet: AgentOutlet, settings: AgentSettings, parts: ConversationParts) {
    this.#outlet = outlet;
    this.#settings = settings;
    this.#parts = parts;
  }

  get isAnswering(): boolean {
    return this.#answering !== undefined;
  }

  /** The visitor speaks: whatever was being said or prepared is not said any further. */
  interrupt(): void {
    this.#answering?.abort(new Error('the visitor speaks'));
    this.#answering = undefined;
  }

  /** Says `text` of its own accord. */
  say(text: string): void {
    const at = performance.now();
    this.#run((signal) => this.#speak({ text, heardAt: at, thoughtAt: at }, signal));
  }

  /** Takes what the visitor wrote. */
  read(text: string): void {
    const heardAt = performance.now();
    this.#outlet.json({ type: 'ConversationText', role: 'user', content: text });
    this.#run((signal) => this.#answer(text, heardAt, signal));
  }

  /** Takes an utterance at the input rate. Its words are told even when the visitor has gone on speaking; only the last one is answered. */
  hear(utterance: Int16Array): void {
    const heardAt = performance.now();
    const { recogniser } = this.#parts;
    this.#run(async (signal) => {
      if (!recogniser) return this.#echo(utterance, heardAt, signal);
      const speech = resample(utterance, this.#settings.inputRate, RECOGNISER_RATE);
      const text = await recogniser.recognise(speech, { signal: this.#ending.signal });
      // Noise without words is nobody's turn.
      if (text === '') return;
      this.#outlet.json({ type: 'ConversationText', role: 'user', content: text });
      signal.throwIfAborted();
      await this.#answer(text, heardAt, signal);
    });
  }

  /** Ends what is being recognised, prepared and said. */
  end(): void {
    this.#ending.abort(new Error('the session has ended'));
    this.interrupt();
  }

  #run(task: (signal: AbortSignal) => Promise<void>): void {
    this.interrupt();
    const answering = new AbortController();
    this.#answering = answering;
    task(answering.signal)
      .catch((error: unknown) => {
        if (error instanceof QueueFull)
          this.#outlet.json({ type: 'Warning', code: 'LOCAL_UPSTREAM_BUSY', description: error.message });
        else if (!answering.signal.aborted && !this.#ending.signal.aborted)
          this.#outlet.fail('INTERNAL_SERVER_ERROR', 'The local agent could not answer.');
      })
      .finally(() => {
        if (this.#answering === answering) this.#answering = undefined;
      });
  }

  async #answer(text: string, heardAt: number, signal: AbortSignal): Promise<void> {
    this.#outlet.json({ type: 'AgentThinking', content: text });
    await this.#speak(
      { text: replyTo(text, this.#parts.now()), heardAt, thoughtAt: performance.now() },
      signal,
    );
  }

  async #echo(utterance: Int16Array, heardAt: number, signal: AbortSignal): Promise<void> {
    const seconds = (utterance.length / this.#settings.inputRate).toFixed(1);
    this.#outlet.json({ type: 'ConversationText', role: 'user', content: `[${seconds} seconds of speech]` });
    this.#outlet.json({ type: 'AgentThinking', content: '' });
    const echo = resample(utterance, this.#settings.inputRate, this.#settings.outputRate);
    await this.#speak({ text: NO_RECOGNISER, echo, heardAt, thoughtAt: performance.now() }, signal);
  }

  async #speak({ text, echo, heardAt, thoughtAt }: Answer, signal: AbortSignal): Promise<void> {
    const { voice, outputRate: sampleRate } = this.#settings;
    this.#outlet.json({ type: 'ConversationText', role: 'assistant', content: text });
    const speech = await this.#parts.flite.say(text, { voice, sampleRate, signal });
    const readyAt = performance.now();
    this.#outlet.beginAnswer();
    this.#outlet.json({
      type: 'AgentStartedSpeaking',
      total_latency: (readyAt - heardAt) / 1000,
      tts_latency: (readyAt - thoughtAt) / 1000,
      ttt_latency: (thoughtAt - heardAt) / 1000,
    });
    await sendPaced(echo ? joinSamples([speech, echo]) : speech, {
      sampleRate,
      rate: this.#parts.sayRate,
      signal,
      send: (bytes) => this.#outlet.audio(bytes),
    });
    this.#outlet.json({ type: 'AgentAudioDone' });
  }
}
