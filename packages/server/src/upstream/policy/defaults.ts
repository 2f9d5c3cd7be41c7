/** The policies that ship, by the id of the preset for which they are made. */
import { AZURE_OPENAI_POLICY } from './defaults-azure-openai.ts';
import { AZURE_VOICE_LIVE_POLICY } from './defaults-azure-voice-live.ts';
import { DEEPGRAM_POLICY } from './defaults-deepgram.ts';
import { ELEVENLABS_POLICY } from './defaults-elevenlabs.ts';
import { OPENAI_REALTIME_POLICY } from './defaults-openai-realtime.ts';
import type { MessagePolicy } from './policy.ts';

export const DEFAULT_POLICIES: Readonly<Record<string, MessagePolicy>> = {
  deepgram: DEEPGRAM_POLICY,
  'openai-realtime': OPENAI_REALTIME_POLICY,
  'azure-openai': AZURE_OPENAI_POLICY,
  'azure-voice-live': AZURE_VOICE_LIVE_POLICY,
  elevenlabs: ELEVENLABS_POLICY,
};
