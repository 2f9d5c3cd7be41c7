/** What the realtime APIs of OpenAI's dialect have in common: slots of its SDKs, and where usage stands. Data. */
import type { Slot } from '../../contract/index.ts';
import type { UsageSource } from '../vendor-facts.ts';

/** In browsers, and then in Node. */
export const OPENAI_SLOTS: readonly Slot[] = [
  { in: 'subprotocol', values: ['openai-insecure-api-key.{key}'] },
  { in: 'header', name: 'authorization', format: 'Bearer {key}' },
];

export const OPENAI_USAGE: readonly UsageSource[] = [
  {
    on: 'message',
    match: { type: 'response.done' },
    read: { inputTokens: 'response.usage.input_tokens', outputTokens: 'response.usage.output_tokens' },
  },
  {
    on: 'message',
    match: { type: 'conversation.item.input_audio_transcription.completed', 'usage.type': 'duration' },
    read: { audioSeconds: 'usage.seconds' },
  },
];

/** One event may hold 15 MiB of audio. */
export const OPENAI_LIMITS = { maxMessageBytes: 16_777_216, handshakeMs: 10_000 };

/** Sample rates and names as the API writes them. */
export const OPENAI_AUDIO = {
  up: ['pcm16', 'g711_ulaw', 'g711_alaw'],
  down: ['pcm16', 'g711_ulaw', 'g711_alaw'],
};
