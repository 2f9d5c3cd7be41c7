/** All presets that ship, for what looks at them as data: the table in the docs and the tests. */
import type { Preset } from '../preset.ts';
import { ASR } from './asr.ts';
import { AZURE_OPENAI } from './azure-openai.ts';
import { AZURE_VOICE_LIVE } from './azure-voice-live.ts';
import { DEEPGRAM } from './deepgram.ts';
import { ELEVENLABS_AGENTS } from './elevenlabs-agents.ts';
import { OPENAI_REALTIME } from './openai-realtime.ts';

export const PRESETS: readonly Preset[] = [
  DEEPGRAM,
  OPENAI_REALTIME,
  AZURE_OPENAI,
  AZURE_VOICE_LIVE,
  ELEVENLABS_AGENTS,
  ASR,
];
