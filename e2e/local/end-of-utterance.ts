/** Finds where speech starts and ends in PCM16 by its energy. Counts samples, never the clock, so audio may come at any speed; recognises nothing. */
import { levelOf, NoiseFloor } from './noise-floor.ts';
import { joinSamples } from './pcm16.ts';

export interface EndOfUtteranceOptions {
  /** Hertz. */
  sampleRate: number;
  /** Silence that ends an utterance, in milliseconds of audio. Default 700. */
  silenceMs?: number;
  /** Loud audio needed within 200 ms to count as speech, in milliseconds. Default 100: clicks are shorter. */
  minSpeechMs?: number;
  /** An utterance is ended at this length, speech or not, in milliseconds of audio. Default 30 000. */
  maxUtteranceMs?: number;
}

export type SpeechEvent =
  | { kind: 'start'; atSample: number }
  | { kind: 'end'; startSample: number; samples: Int16Array; why: 'silence' | 'longest' | 'flushed' };

const BLOCK_MS = 10;
const ONSET_BLOCKS = 20;
const PRE_ROLL_BLOCKS = 25;
const TAIL_BLOCKS = 25;
const START_MARGIN_DB = 12;
const KEEP_MARGIN_DB = 7;
const QUIETEST_SPEECH_DB = -46;
/** Fewer loud blocks in a row than this do not interrupt the silence after an utterance. */
const RESUMING_BLOCKS = 3;

export class EndOfUtterance {
  readonly #blockLength: number;
  readonly #silenceBlocks: number;
  readonly #minSpeechBlocks: number;
  readonly #maxBlocks: number;
  readonly #floor = new NoiseFloor();
  /** The blocks kept: of the utterance while speaking, else just enough to begin one. */
  #blocks: Int16Array[] = [];
  #loud: boolean[] = [];
  #rest = new Int16Array(0);
  #samplesSeen = 0;
  #startSample: number | undefined;
  #quietRun = 0;
  #loudRun = 0;

  constructor(options: EndOfUtteranceOptions) {
    this.#blockLength = Math.round((options.sampleRate * BLOCK_MS) / 1000);
    this.#silenceBlocks = Math.ceil((options.silenceMs ?? 700) / BLOCK_MS);
    this.#minSpeechBlocks = Math.min(ONSET_BLOCKS, Math.ceil((options.minSpeechMs ?? 100) / BLOCK_MS));
    this.#maxBlocks = Math.ceil((options.maxUtteranceMs ?? 30_000) / BLOCK_MS);
  }

  get isSpeaking(): boolean {
    return this.#startSample !== undefined;
  }

  /** The utterance so far; empty while nobody speaks. */
  soFar(): Int16Array {
    return this.isSpeaking ? joinSamples(this.#blocks) : new Int16Array(0);
  }

  push(samples: Int16Array): SpeechEvent[] {
    const events: SpeechEvent[] = [];
    const all = this.#rest.length > 0 ? joinSamples([this.#rest, samples]) : samples;
    let at = 0;
    for (; at + this.#blockLength <= all.length; at += this.#blockLength) {
      const event = this.#take(all.slice(at, at + this.#blockLength));
      if (event) events.push(event);
    }
    this.#rest = all.slice(at);
    return events;
  }

  /** Ends the utterance in progress, if there is one, without waiting for silence. */
  flush(): SpeechEvent[] {
    return this.isSpeaking ? [this.#end('flushed')] : [];
  }

  #take(block: Int16Array): SpeechEvent | undefined {
    const level = levelOf(block);
    const margin = this.isSpeaking ? KEEP_MARGIN_DB : START_MARGIN_DB;
    const isLoud = level > Math.max(QUIETEST_SPEECH_DB, this.#floor.observe(level) + margin);
    this.#blocks.push(block);
    this.#loud.push(isLoud);
    this.#samplesSeen += block.length;
    return this.isSpeaking ? this.#endIfDue(isLoud) : this.#startIfDue();
  }

  #startIfDue(): SpeechEvent | undefined {
    const onset = this.#loud.slice(-ONSET_BLOCKS);
    if (onset.filter(Boolean).length < this.#minSpeechBlocks) {
      this.#keepLast(PRE_ROLL_BLOCKS + ONSET_BLOCKS);
      return undefined;
    }
    const speechBlocks = onset.length - onset.indexOf(true);
    this.#startSample = this.#samplesSeen - speechBlocks * this.#blockLength;
    this.#keepLast(PRE_ROLL_BLOCKS + speechBlocks);
    this.#quietRun = 0;
    this.#loudRun = 0;
    return { kind: 'start', atSample: this.#startSample };
  }

  #endIfDue(isLoud: boolean): SpeechEvent | undefined {
    this.#loudRun = isLoud ? this.#loudRun + 1 : 0;
    this.#quietRun = this.#loudRun >= RESUMING_BLOCKS ? 0 : this.#quietRun + 1;
    if (this.#quietRun >= this.#silenceBlocks) return this.#end('silence');
    return this.#blocks.length >= this.#maxBlocks ? this.#end('longest') : undefined;
  }

  #end(why: 'silence' | 'longest' | 'flushed'): SpeechEvent {
    const trailing = Math.max(0, this.#quietRun - TAIL_BLOCKS);
    const samples = joinSamples(this.#blocks.slice(0, this.#blocks.length - trailing));
    const startSample = this.#startSample ?? 0;
    this.#startSample = undefined;
    this.#blocks = [];
    this.#loud = [];
    return { kind: 'end', startSample, samples, why };
  }

  #keepLast(count: number): void {
    if (this.#blocks.length <= count) return;
    this.#blocks = this.#blocks.slice(-count);
    this.#loud = this.#loud.slice(-count);
  }
}
