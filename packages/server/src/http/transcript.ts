/** What a transcription service answers, with nothing but the fields that clients know. */
import { ProxyError } from '../errors.ts';
import type { HttpReply } from '../upstream/http-call.ts';
import { readText } from './reply-text.ts';
import type { UploadSettings } from './upload-options.ts';

export interface Transcript {
  readonly text: string;
  /** Seconds of audio, of work, and of finding out the language; null where the service says so. */
  readonly duration_s?: number | null;
  readonly inference_s?: number | null;
  readonly lid_s?: number | null;
  readonly lang?: string | null;
  /** The older name of `lang`. */
  readonly language?: string | null;
}

const NUMBERS = ['duration_s', 'inference_s', 'lid_s'];
const LANGUAGES = ['lang', 'language'];
const LANGUAGE = /^[A-Za-z0-9_-]{0,64}$/;

/** Rejects with a ProxyError for what is no transcript. */
export async function readTranscript({ url, keys }: UploadSettings, reply: HttpReply): Promise<Transcript> {
  const told = parse(await readText(reply));
  const { text } = told;
  if (typeof text !== 'string') throw malformed();
  const filters = [url, ...(keys ? [keys] : [])].map((one) => one.createFilter());
  return {
    text: filters.reduce((rest, filter) => filter.push(rest) + filter.end(), text),
    ...pick(told, NUMBERS, isCount),
    ...pick(told, LANGUAGES, isLanguage),
  };
}

function pick(
  told: Readonly<Record<string, unknown>>,
  names: readonly string[],
  fits: (value: unknown) => boolean,
): Record<string, never> {
  const given = names.filter((name) => told[name] !== undefined);
  if (!given.every((name) => told[name] === null || fits(told[name]))) throw malformed();
  return Object.fromEntries(given.map((name) => [name, told[name]])) as Record<string, never>;
}

const isCount = (value: unknown): boolean => typeof value === 'number' && value >= 0;
const isLanguage = (value: unknown): boolean => typeof value === 'string' && LANGUAGE.test(value);

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Falls through to what every other wrong answer is told as.
  }
  throw malformed();
}

function malformed(): ProxyError {
  return new ProxyError('UpstreamUnavailable', 'the answer is not a transcript');
}
