/** Reads the query of the listen dialect: the parameters that the local recogniser can honour. Ignores the rest, as vendors ignore what they do not know. */
import { SAMPLE_RATES } from './resample.ts';

export interface ListenParameters {
  model: string;
  /** Hertz. */
  sampleRate: number;
  interimResults: boolean;
  vadEvents: boolean;
  /** Whether UtteranceEnd is asked for. Its delay is not honoured: it follows the final result. */
  utteranceEnd: boolean;
  /** Silence that ends an utterance, in milliseconds. */
  silenceMs: number;
}

/** Shorter silences occur within a command, and this recogniser wants whole utterances. */
const SHORTEST_SILENCE_MS = 300;
const DEFAULT_SILENCE_MS = 700;

/** The parameters, or in one sentence what is wrong with them. */
export function readListenParameters(query: URLSearchParams): ListenParameters | string {
  if (query.get('encoding') !== 'linear16') return 'Only encoding=linear16 is supported here.';
  const sampleRate = Number(query.get('sample_rate'));
  if (!SAMPLE_RATES.includes(sampleRate)) return `sample_rate must be one of ${SAMPLE_RATES.join(', ')}.`;
  if ((query.get('channels') ?? '1') !== '1') return 'Only channels=1 is supported here.';
  const endpointing = Number(query.get('endpointing') ?? DEFAULT_SILENCE_MS);
  return {
    model: query.get('model') ?? 'general',
    sampleRate,
    interimResults: query.get('interim_results') === 'true',
    vadEvents: query.get('vad_events') === 'true',
    utteranceEnd: query.has('utterance_end_ms'),
    silenceMs: endpointing >= SHORTEST_SILENCE_MS ? endpointing : DEFAULT_SILENCE_MS,
  };
}
