/** Reads the agent dialect's `Settings` message: the parts that the local agent can honour. Ignores the rest, as an agent without a language model must. */
import { MAX_TEXT_LENGTH } from './flite.ts';
import type { Voice } from './flite.ts';
import { SAMPLE_RATES } from './resample.ts';

export interface AgentSettings {
  /** Hertz. */
  inputRate: number;
  /** Hertz. */
  outputRate: number;
  /** '' for none. */
  greeting: string;
  voice: Voice;
}

type Json = Readonly<Record<string, unknown>>;

const DEFAULT_INPUT_RATE = 16_000;
const DEFAULT_OUTPUT_RATE = 24_000;

/** The settings, or in one sentence what is wrong with them. */
export function readSettings(message: Json): AgentSettings | string {
  const audio = fieldsOf(message['audio']);
  const input = fieldsOf(audio['input']);
  const output = fieldsOf(audio['output']);
  for (const side of [input, output])
    if ((side['encoding'] ?? 'linear16') !== 'linear16')
      return 'Only the encoding linear16 is supported here.';
  if ((output['container'] ?? 'none') !== 'none') return 'Only the output container none is supported here.';
  const inputRate = input['sample_rate'] ?? DEFAULT_INPUT_RATE;
  const outputRate = output['sample_rate'] ?? DEFAULT_OUTPUT_RATE;
  if (!isSampleRate(inputRate) || !isSampleRate(outputRate))
    return `A sample_rate must be one of ${SAMPLE_RATES.join(', ')}.`;
  const agent = fieldsOf(message['agent']);
  const greeting = agent['greeting'] ?? '';
  if (typeof greeting !== 'string' || greeting.length > MAX_TEXT_LENGTH)
    return `A greeting is a text of at most ${MAX_TEXT_LENGTH} characters.`;
  return { inputRate, outputRate, greeting, voice: voiceOf(agent['speak']) };
}

/** flite's voice for a `speak` section; every unknown or missing model sounds like slt. */
export function voiceOf(speak: unknown): Voice {
  const first = fieldsOf(Array.isArray(speak) ? speak[0] : speak);
  const model = fieldsOf(first['provider'])['model'];
  return typeof model === 'string' && /\brms\b|apollo|arcas|orion|orpheus|zeus/i.test(model) ? 'rms' : 'slt';
}

export function fieldsOf(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function isSampleRate(value: unknown): value is number {
  return typeof value === 'number' && SAMPLE_RATES.includes(value);
}
