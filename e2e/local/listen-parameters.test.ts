import { describe, expect, it } from 'vitest';
import { readListenParameters } from './listen-parameters.ts';

const NEEDED = 'encoding=linear16&sample_rate=16000';
const DEFAULTS = {
  model: 'general',
  sampleRate: 16_000,
  interimResults: false,
  vadEvents: false,
  utteranceEnd: false,
  silenceMs: 700,
};

describe('listen parameters', () => {
  it.each([
    ['', DEFAULTS],
    ['&model=nova-3&channels=1&language=en&smart_format=true', { ...DEFAULTS, model: 'nova-3' }],
    ['&interim_results=true&vad_events=true', { ...DEFAULTS, interimResults: true, vadEvents: true }],
    ['&interim_results=false', DEFAULTS],
    ['&utterance_end_ms=1000', { ...DEFAULTS, utteranceEnd: true }],
    ['&endpointing=500', { ...DEFAULTS, silenceMs: 500 }],
    ['&endpointing=10', DEFAULTS],
    ['&endpointing=false', DEFAULTS],
  ])('are read from %j', (more, expected) => {
    expect(readListenParameters(new URLSearchParams(NEEDED + more))).toEqual(expected);
  });

  it.each([
    '',
    'sample_rate=16000',
    'encoding=opus&sample_rate=16000',
    'encoding=linear16',
    'encoding=linear16&sample_rate=many',
    `${NEEDED}&channels=2`,
  ])('cannot be %j', (query) => {
    expect(readListenParameters(new URLSearchParams(query))).toEqual(expect.any(String));
  });
});
