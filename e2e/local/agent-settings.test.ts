import { describe, expect, it } from 'vitest';
import { readSettings } from './agent-settings.ts';

const DEFAULTS = { inputRate: 16_000, outputRate: 24_000, greeting: '', voice: 'slt' };
const speak = (model: string): object => ({ provider: { type: 'deepgram', model } });

describe('settings', () => {
  it.each([
    [{}, DEFAULTS],
    [{ audio: null, agent: 'none' }, DEFAULTS],
    [{ audio: { input: { encoding: 'linear16', sample_rate: 48_000 } } }, { ...DEFAULTS, inputRate: 48_000 }],
    [{ audio: { output: { sample_rate: 16_000, container: 'none' } } }, { ...DEFAULTS, outputRate: 16_000 }],
    [{ agent: { greeting: 'Hello.' } }, { ...DEFAULTS, greeting: 'Hello.' }],
    [{ agent: { speak: speak('aura-2-thalia-en') } }, DEFAULTS],
    [{ agent: { speak: speak('aura-2-apollo-en') } }, { ...DEFAULTS, voice: 'rms' }],
    [{ agent: { speak: [speak('aura-2-zeus-en')] } }, { ...DEFAULTS, voice: 'rms' }],
  ])('are read from %j', (message, expected) => {
    expect(readSettings(message)).toEqual(expected);
  });

  it.each([
    { audio: { input: { encoding: 'opus' } } },
    { audio: { output: { encoding: 'mulaw' } } },
    { audio: { output: { container: 'wav' } } },
    { audio: { input: { sample_rate: 16_001 } } },
    { audio: { output: { sample_rate: '16000' } } },
    { agent: { greeting: 7 } },
    { agent: { greeting: 'word '.repeat(300) } },
  ])('cannot be %j', (message) => {
    expect(readSettings(message)).toEqual(expect.any(String));
  });
});
