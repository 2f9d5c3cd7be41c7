/** Anthropic's Messages API: where it is, where the key goes, which version is spoken. Data, no I/O. */
import type { Slot } from '../../contract/index.ts';

export const CLAUDE_BASE_URL = 'https://api.anthropic.com';
export const CLAUDE_PATH = '/v1/messages';
export const CLAUDE_KEY_SLOT: Extract<Slot, { in: 'header' }> = {
  in: 'header',
  name: 'x-api-key',
  format: '{key}',
};
export const CLAUDE_VERSION_HEADER = 'anthropic-version';
export const CLAUDE_VERSION = '2023-06-01';
/** What clients of the old system ask for; the provider has retired it. */
export const RETIRED_MODELS: readonly string[] = ['claude-3-5-sonnet-20241022'];
