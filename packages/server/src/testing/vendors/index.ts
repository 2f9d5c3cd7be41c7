/** The table of vendors: a further one is one file and one row here. */
import { asr, type AsrService } from './asr.ts';
import { azureOpenai, type AzureOpenaiService } from './azure-openai.ts';
import { azureVoiceLive, type AzureVoiceLiveService } from './azure-voice-live.ts';
import { claude, type ClaudeService } from './claude.ts';
import { deepgram, type DeepgramService } from './deepgram.ts';
import { elevenlabs, type ElevenlabsService } from './elevenlabs.ts';
import { openai, type OpenaiService } from './openai.ts';
import type { MockVendor } from './vendor.ts';

/** The services of each vendor. */
export interface VendorServices {
  readonly deepgram: DeepgramService;
  readonly azureVoiceLive: AzureVoiceLiveService;
  readonly azureOpenai: AzureOpenaiService;
  readonly openai: OpenaiService;
  readonly elevenlabs: ElevenlabsService;
  readonly claude: ClaudeService;
  readonly asr: AsrService;
}

export type VendorName = keyof VendorServices;

export const VENDORS: { readonly [Name in VendorName]: MockVendor<VendorServices[Name]> } = {
  deepgram,
  azureVoiceLive,
  azureOpenai,
  openai,
  elevenlabs,
  claude,
  asr,
};
